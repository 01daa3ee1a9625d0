#include "CModelForest.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

enum {
    GROUP = TWIN_FOREST_GROUP,
    SLOT_BITS = 12,
    SLOT_MASK = (1 << SLOT_BITS) - 1,
    CHECK_EVERY = 4,
    TOP_LEVELS = TWIN_FOREST_TOP_LEVELS,
    TOP_NODES = (1 << TOP_LEVELS) - 1,
    TOP_WORDS = TWIN_FOREST_TOP_WORDS,
    /// Fewer rows are scored one by one.
    GROUP_MIN = 8,
};

#define INLINE static inline __attribute__((always_inline))

/// One number a row of a group; where the processor has no such vectors the compiler makes them of
/// smaller.
typedef int32_t Ints __attribute__((vector_size(GROUP * sizeof(int32_t))));
typedef int32_t Four __attribute__((vector_size(4 * sizeof(int32_t))));
typedef float FourFloats __attribute__((vector_size(4 * sizeof(float))));

/// Brings values into an order that integers without a sign keep; missing ones below or above all.
INLINE void make_four(const float *row, int32_t missing, Four *keys) {
    FourFloats values;
    memcpy(&values, row, sizeof values);
    // Adding zero makes both zeros one.
    values += 0.0f;
    Four bits = (Four)values;
    Four ordered = bits ^ ((bits >> 31) | INT32_MIN), known = values == values;
    *keys = (ordered & known) | (missing & ~known);
}

INLINE int32_t make_key(float value, int32_t missing) {
    value += 0.0f;
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return value == value ? bits ^ ((bits >> 31) | INT32_MIN) : missing;
}

/// The keys of one row, one after the other.
static void row_keys(const TwinForest *forest, const float *row, int32_t *keys) {
    for (int32_t i = 0; i < forest->run_count; i++) {
        TwinForestRun run = forest->runs[i];
        int32_t missing = run.missing_goes_true ? 0 : -1, k = 0;
        const float *from = row + run.feature;
        for (; k + 4 <= run.count; k += 4) {
            Four four;
            make_four(from + k, missing, &four);
            memcpy(keys + k, &four, sizeof four);
        }
        for (; k < run.count; k++) keys[k] = make_key(from[k], missing);
        keys += run.count;
    }
    // No key is above a leaf's: a walk that has come to a leaf stays there.
    *keys = 0;
}

/// Turns the keys of four slots of four rows, so that those of one slot lie side by side.
INLINE void turn(const Four *rows, int32_t *keys) {
    Four low_ab = __builtin_shufflevector(rows[0], rows[1], 0, 4, 1, 5);
    Four low_cd = __builtin_shufflevector(rows[2], rows[3], 0, 4, 1, 5);
    Four high_ab = __builtin_shufflevector(rows[0], rows[1], 2, 6, 3, 7);
    Four high_cd = __builtin_shufflevector(rows[2], rows[3], 2, 6, 3, 7);
    Four slots[4] = {
        __builtin_shufflevector(low_ab, low_cd, 0, 1, 4, 5),
        __builtin_shufflevector(low_ab, low_cd, 2, 3, 6, 7),
        __builtin_shufflevector(high_ab, high_cd, 0, 1, 4, 5),
        __builtin_shufflevector(high_ab, high_cd, 2, 3, 6, 7),
    };
    for (int i = 0; i < 4; i++) memcpy(keys + i * GROUP, &slots[i], sizeof slots[i]);
}

/// The keys of four rows of a group.
static void four_rows_keys(const TwinForest *forest, const float *const *rows, int32_t *keys) {
    for (int32_t i = 0; i < forest->run_count; i++) {
        TwinForestRun run = forest->runs[i];
        int32_t missing = run.missing_goes_true ? 0 : -1, k = 0;
        for (; k + 4 <= run.count; k += 4, keys += 4 * GROUP) {
            Four own[4];
            for (int r = 0; r < 4; r++) make_four(rows[r] + run.feature + k, missing, &own[r]);
            turn(own, keys);
        }
        for (; k < run.count; k++, keys += GROUP)
            for (int r = 0; r < 4; r++) keys[r] = make_key(rows[r][run.feature + k], missing);
    }
    for (int r = 0; r < 4; r++) keys[r] = 0;
}

INLINE float leaf_value(const TwinForestStep *leaf) {
    float value;
    memcpy(&value, &leaf->key, sizeof value);
    return value;
}

/// One step of each of some walks, abreast so that their loads overlap; whether any moved.
INLINE uint32_t step_all(
    const TwinForestStep **at, int count, const uint32_t *keys, int64_t slot_stride,
    int64_t walk_stride) {
    uint32_t moved = 0;
#pragma clang loop unroll(full)
    for (int i = 0; i < count; i++) {
        uint32_t way = at[i]->way, child = way >> SLOT_BITS;
        moved |= child;
        uint32_t key = keys[(way & SLOT_MASK) * slot_stride + i * walk_stride];
        at[i] += child + (at[i]->key < key);
    }
    return moved;
}

/// Takes some walks to their leaves; `count` is a constant where this is called.
INLINE void walk(
    const TwinForestStep **at, const int count, uint32_t levels, const int32_t *signed_keys,
    int64_t slot_stride, int64_t walk_stride) {
    const uint32_t *keys = (const uint32_t *)signed_keys;
    for (; levels % CHECK_EVERY != 0; levels--)
        step_all(at, count, keys, slot_stride, walk_stride);
    for (; levels != 0; levels -= CHECK_EVERY) {
        for (int i = 1; i < CHECK_EVERY; i++)
            step_all(at, count, keys, slot_stride, walk_stride);
        if (step_all(at, count, keys, slot_stride, walk_stride) == 0) return;
    }
}

/// Adds the leaves of `count` trees, a constant where this is called.
INLINE void add_trees(
    const TwinForest *forest, int32_t first, const int count, const int32_t *keys, double *sum) {
    const TwinForestStep *at[GROUP];
    uint32_t depth = 0;
    for (int i = 0; i < count; i++) {
        at[i] = forest->steps + forest->roots[first + i];
        depth = forest->depths[first + i] > depth ? forest->depths[first + i] : depth;
    }
    walk(at, count, depth, keys, 1, 0);
    for (int i = 0; i < count; i++) *sum += leaf_value(at[i]);
}

double twin_forest_score(
    const TwinForest *forest, const float *row, double base, int32_t *keys) {
    row_keys(forest, row, keys);
    double sum = base;
    int32_t tree = 0;
    for (; tree + GROUP <= forest->tree_count; tree += GROUP)
        add_trees(forest, tree, GROUP, keys, &sum);
    for (; tree + 4 <= forest->tree_count; tree += 4) add_trees(forest, tree, 4, keys, &sum);
    for (; tree < forest->tree_count; tree++) add_trees(forest, tree, 1, keys, &sum);
    return sum;
}

/// Where the rows of a group leave the top of a tree: each of its nodes is compared with all rows.
INLINE void pass_top(const int32_t *top, const int32_t *keys, uint32_t *places) {
    const int32_t *slots = top, *thresholds = slots + TOP_NODES, *exits = thresholds + TOP_NODES;
    Ints above = {0}, node = {0};
#pragma clang loop unroll(full)
    for (int n = 0; n < TOP_NODES; n++) {
        Ints own;
        memcpy(&own, keys + (int64_t)slots[n] * GROUP, sizeof own);
        above |= ((own ^ INT32_MIN) > thresholds[n]) & (1 << n);
    }
#pragma clang loop unroll(full)
    for (int level = 0; level < TOP_LEVELS; level++) node += node + 1 + ((above >> node) & 1);
    int32_t last[GROUP];
    memcpy(last, &node, sizeof last);
    for (int r = 0; r < GROUP; r++) places[r] = (uint32_t)exits[last[r] - TOP_NODES];
}

typedef void PassTop(const int32_t *top, const int32_t *keys, uint32_t *places);

static void pass_top_plain(const int32_t *top, const int32_t *keys, uint32_t *places) {
    pass_top(top, keys, places);
}

// Only this is wide: of the walks the compiler would make gathers, which are slower. Wider vectors
// than these are no faster.
#if defined(__x86_64__)
__attribute__((target("avx2"))) static void pass_top_avx2(
    const int32_t *top, const int32_t *keys, uint32_t *places) {
    pass_top(top, keys, places);
}
#endif

static PassTop *best_pass_top(bool wide) {
#if defined(__x86_64__)
    if (wide && __builtin_cpu_supports("avx2")) return pass_top_avx2;
#endif
    (void)wide;
    return pass_top_plain;
}

/// Adds all trees to the scores of some groups of rows.
static void score_groups(
    const TwinForest *forest, const int32_t *keys, int group_count, PassTop *pass,
    double *scores) {
    int64_t key_count = (int64_t)(forest->slot_count + 1) * GROUP;
    for (int32_t tree = 0; tree < forest->tree_count; tree++) {
        uint32_t depth = forest->depths[tree];
        uint32_t levels = depth > TOP_LEVELS ? depth - TOP_LEVELS : 0;
        for (int g = 0; g < group_count; g++) {
            const int32_t *own = keys + g * key_count;
            uint32_t places[GROUP];
            const TwinForestStep *at[GROUP];
            float values[GROUP];
            pass(forest->tops + (int64_t)tree * TOP_WORDS, own, places);
            for (int r = 0; r < GROUP; r++) at[r] = forest->steps + places[r];
            walk(at, GROUP, levels, own, GROUP, 1);
            for (int r = 0; r < GROUP; r++) values[r] = leaf_value(at[r]);
            for (int r = 0; r < GROUP; r++) scores[g * GROUP + r] += values[r];
        }
    }
}

void twin_forest_score_rows(
    const TwinForest *forest, const float *rows, int64_t row_count, int32_t feature_count,
    double base, int32_t group_count, int32_t *keys, double *scores, bool wide) {
    int64_t key_count = (int64_t)(forest->slot_count + 1) * GROUP;
    PassTop *pass = best_pass_top(wide);
    int64_t first = 0;
    while (row_count - first >= GROUP_MIN) {
        int64_t left = row_count - first, here = 0;
        double sums[TWIN_FOREST_BLOCK];
        int groups = 0;
        for (; groups < group_count && left - here >= GROUP_MIN; groups++) {
            for (int r = 0; r < GROUP; r += 4) {
                const float *four[4];
                for (int i = 0; i < 4; i++) {
                    // A group is filled up with its last row.
                    int64_t row = here + r + i < left ? here + r + i : left - 1;
                    four[i] = rows + (first + row) * feature_count;
                }
                four_rows_keys(forest, four, keys + groups * key_count + r);
            }
            here = here + GROUP < left ? here + GROUP : left;
        }
        for (int i = 0; i < groups * GROUP; i++) sums[i] = base;
        score_groups(forest, keys, groups, pass, sums);
        memcpy(scores + first, sums, (size_t)here * sizeof *sums);
        first += here;
    }
    for (; first < row_count; first++)
        scores[first] = twin_forest_score(forest, rows + first * feature_count, base, keys);
}
