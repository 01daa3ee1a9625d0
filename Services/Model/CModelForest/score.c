#include "CModelForest.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

enum { ABREAST = 8, SLOT_BITS = 12, SLOT_MASK = (1 << SLOT_BITS) - 1, CHECK_EVERY = 4 };

/// Brings a row's values into an order that integers keep; missing values below or above all.
static void make_keys(const int32_t *slots, int32_t slot_count, const float *row, int32_t *keys) {
    for (int32_t slot = 0; slot < slot_count; slot++) {
        // Adding zero makes both zeros one.
        float value = row[slots[slot] >> 1] + 0.0f;
        int32_t bits;
        memcpy(&bits, &value, sizeof bits);
        int32_t key = bits ^ ((bits >> 31) & INT32_MAX);
        int32_t missing = slots[slot] & 1 ? INT32_MIN : INT32_MAX;
        keys[slot] = value == value ? key : missing;
    }
    // No key is above a leaf's: a walk that has come to a leaf stays there.
    keys[slot_count] = INT32_MIN;
}

static uint32_t step(uint64_t node, const int32_t *keys) {
    uint32_t place = (uint32_t)node;
    return (place >> SLOT_BITS) + (keys[place & SLOT_MASK] > (int32_t)(node >> 32));
}

static double leaf_value(uint64_t node) {
    uint32_t bits = (uint32_t)(node >> 32);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// Takes `count` walks abreast to their leaves, so that their loads overlap.
///
/// Each walk has its own tree or its own row.
static inline void walk(
    const uint64_t *const *trees, const int32_t *const *keys, int count, uint32_t depth,
    uint32_t *places) {
    for (int i = 0; i < count; i++) places[i] = 0;
    for (uint32_t level = 0; level < depth; level++) {
        uint32_t moved = 0;
        for (int i = 0; i < count; i++) {
            uint32_t place = step(trees[i][places[i]], keys[i]);
            moved |= place ^ places[i];
            places[i] = place;
        }
        if (level % CHECK_EVERY == CHECK_EVERY - 1 && moved == 0) return;
    }
}

double twin_forest_score(
    const uint64_t *nodes, const uint32_t *roots, const uint32_t *depths, int32_t tree_count,
    const int32_t *slots, int32_t slot_count, const float *row, double base, int32_t *keys) {
    make_keys(slots, slot_count, row, keys);
    const int32_t *same_keys[ABREAST];
    for (int i = 0; i < ABREAST; i++) same_keys[i] = keys;
    double sum = base;
    for (int32_t first = 0; first < tree_count; first += ABREAST) {
        int count = tree_count - first < ABREAST ? tree_count - first : ABREAST;
        const uint64_t *trees[ABREAST];
        uint32_t places[ABREAST], depth = 0;
        for (int i = 0; i < count; i++) {
            trees[i] = nodes + roots[first + i];
            depth = depths[first + i] > depth ? depths[first + i] : depth;
        }
        if (count == ABREAST)
            walk(trees, same_keys, ABREAST, depth, places);
        else
            walk(trees, same_keys, count, depth, places);
        for (int i = 0; i < count; i++) sum += leaf_value(trees[i][places[i]]);
    }
    return sum;
}

/// Adds all trees to the scores of one block of rows.
static void score_block(
    const uint64_t *nodes, const uint32_t *roots, const uint32_t *depths, int32_t tree_count,
    const int32_t *keys, int32_t key_count, int32_t row_count, double *scores) {
    for (int32_t tree = 0; tree < tree_count; tree++) {
        const uint64_t *same_tree[ABREAST];
        for (int i = 0; i < ABREAST; i++) same_tree[i] = nodes + roots[tree];
        for (int32_t first = 0; first < row_count; first += ABREAST) {
            int count = row_count - first < ABREAST ? row_count - first : ABREAST;
            const int32_t *row_keys[ABREAST];
            uint32_t places[ABREAST];
            for (int i = 0; i < count; i++)
                row_keys[i] = keys + (int64_t)(first + i) * key_count;
            if (count == ABREAST)
                walk(same_tree, row_keys, ABREAST, depths[tree], places);
            else
                walk(same_tree, row_keys, count, depths[tree], places);
            for (int i = 0; i < count; i++)
                scores[first + i] += leaf_value(same_tree[i][places[i]]);
        }
    }
}

void twin_forest_score_rows(
    const uint64_t *nodes, const uint32_t *roots, const uint32_t *depths, int32_t tree_count,
    const int32_t *slots, int32_t slot_count, const float *rows, int64_t row_count,
    int32_t feature_count, double base, int32_t *keys, double *scores) {
    for (int64_t first = 0; first < row_count; first += TWIN_FOREST_BLOCK) {
        int64_t left = row_count - first;
        int32_t count = left < TWIN_FOREST_BLOCK ? (int32_t)left : TWIN_FOREST_BLOCK;
        for (int32_t i = 0; i < count; i++) {
            make_keys(
                slots, slot_count, rows + (first + i) * feature_count,
                keys + (int64_t)i * (slot_count + 1));
            scores[first + i] = base;
        }
        score_block(
            nodes, roots, depths, tree_count, keys, slot_count + 1, count, scores + first);
    }
}
