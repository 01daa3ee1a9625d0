#include "CModelForest.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

enum { BINS = 256, MISSING = TWIN_FOREST_MISSING, FEW_ROWS = 192 };

typedef struct {
    uint64_t state[4];
} Generator;

/// What is known of the node that is being split.
typedef struct {
    int32_t begin, end;
    double weight, positive;
} Node;

typedef struct {
    double gain;
    int32_t feature, bin;
    bool missing_goes_true;
} Split;

typedef struct {
    int32_t begin, end, node, depth;
} Pending;

typedef struct {
    const uint8_t *bins, *bin_counts;
    TwinForestGrowth growth;
    TwinForestSample *samples, *spare;
    int32_t *features;
    Generator generator;
    /// Two weights a bin: class 0, class 1.
    double weights[2 * BINS];
    uint32_t rows[BINS];
    uint8_t occupied[BINS];
} Grower;

static uint64_t split_mix(uint64_t *state) {
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint64_t rotate(uint64_t value, int by) { return (value << by) | (value >> (64 - by)); }

/// xoshiro256**.
static uint64_t next(Generator *generator) {
    uint64_t *s = generator->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9, shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 45);
    return result;
}

/// A number below `bound`; the bias of 2^-32 is far below what a bag can show.
static int32_t next_below(Generator *generator, int32_t bound) {
    return (int32_t)(((next(generator) >> 32) * (uint64_t)bound) >> 32);
}

/// Draws the bag, and lists its rows in order; returns how many there are.
static int32_t fill_bag(
    Grower *grower, const uint8_t *labels, const float *weights, uint32_t *multiplicity) {
    int32_t row_count = grower->growth.row_count, count = 0;
    for (int32_t row = 0; row < row_count; row++) multiplicity[row] = !grower->growth.bootstrap;
    if (grower->growth.bootstrap)
        for (int32_t draw = 0; draw < row_count; draw++)
            multiplicity[next_below(&grower->generator, row_count)]++;
    for (int32_t row = 0; row < row_count; row++) {
        uint32_t label = labels[row] != 0;
        float weight =
            (float)multiplicity[row] * weights[row] * grower->growth.class_weights[label];
        grower->samples[count] =
            (TwinForestSample){.code = (uint32_t)row << 1 | label, .weight = weight};
        count += weight > 0;
    }
    return count;
}

/// Adds the node's rows to the bins of one feature, and lists the occupied bins in order.
static int32_t fill_histogram(Grower *grower, const Node *node, int32_t feature) {
    const uint8_t *column = grower->bins + (int64_t)feature * grower->growth.row_count;
    uint64_t mask[BINS / 64] = {0};
    bool counts_rows = grower->growth.leaf_rows_min > 1;
    bool few = node->end - node->begin < FEW_ROWS;
    for (int32_t i = node->begin; i < node->end; i++) {
        TwinForestSample sample = grower->samples[i];
        uint8_t bin = column[sample.code >> 1];
        grower->weights[2 * bin + (sample.code & 1)] += sample.weight;
        if (counts_rows) grower->rows[bin]++;
        if (few) mask[bin >> 6] |= 1ull << (bin & 63);
    }
    int32_t occupied = 0;
    if (!few) {
        int32_t bin_count = grower->bin_counts[feature];
        for (int32_t bin = 0; bin < bin_count; bin++) {
            grower->occupied[occupied] = (uint8_t)bin;
            occupied += grower->weights[2 * bin] + grower->weights[2 * bin + 1] > 0;
        }
        return occupied;
    }
    mask[MISSING >> 6] &= ~(1ull << (MISSING & 63));
    for (int word = 0; word < BINS / 64; word++)
        for (uint64_t bits = mask[word]; bits != 0; bits &= bits - 1)
            grower->occupied[occupied++] = (uint8_t)(word * 64 + __builtin_ctzll(bits));
    return occupied;
}

static void clear_histogram(Grower *grower, int32_t occupied) {
    for (int32_t i = 0; i < occupied; i++) {
        uint8_t bin = grower->occupied[i];
        grower->weights[2 * bin] = grower->weights[2 * bin + 1] = 0;
        grower->rows[bin] = 0;
    }
    grower->weights[2 * MISSING] = grower->weights[2 * MISSING + 1] = 0;
    grower->rows[MISSING] = 0;
}

/// The rows on the true side of a split that is looked at.
typedef struct {
    double weight, positive;
    int64_t rows;
} Side;

/// Keeps a split if it is the best so far; its gain is that of the Gini impurity.
static void consider(Grower *grower, const Node *node, Side side, Split split, Split *best) {
    int64_t least = grower->growth.leaf_rows_min, all = node->end - node->begin;
    if (least > 1 && (side.rows < least || all - side.rows < least)) return;
    double other = node->weight - side.weight;
    if (!(side.weight > 0) || !(other > 0)) return;
    double difference = side.positive * node->weight - node->positive * side.weight;
    split.gain = difference * difference / (side.weight * other);
    if (split.gain > best->gain) *best = split;
}

/// Looks at every split of one feature, or at those of one cut at random.
static void search(Grower *grower, const Node *node, int32_t feature, Split *best) {
    int32_t occupied = fill_histogram(grower, node, feature);
    // Between which of the occupied bins; after the last one is present against missing.
    int32_t cut = -1;
    if (grower->growth.random_cuts && occupied > 0)
        cut = next_below(&grower->generator, occupied > 1 ? occupied - 1 : 1);
    double missing_positive = grower->weights[2 * MISSING + 1];
    double missing = grower->weights[2 * MISSING] + missing_positive;
    Side side = {0};
    for (int32_t i = 0; i < occupied; i++) {
        uint8_t bin = grower->occupied[i];
        side.positive += grower->weights[2 * bin + 1];
        side.weight += grower->weights[2 * bin] + grower->weights[2 * bin + 1];
        side.rows += grower->rows[bin];
        if (cut >= 0 && i != cut && i + 1 != occupied) continue;
        Split split = {.feature = feature, .bin = grower->bin_counts[feature] - 1};
        if (i + 1 == occupied) {
            // Present against missing.
            if (missing > 0) consider(grower, node, side, split, best);
            break;
        }
        // Between two occupied bins the middle one: nearest to the middle of the gap.
        split.bin = (bin + grower->occupied[i + 1] - 1) / 2;
        consider(grower, node, side, split, best);
        if (!(missing > 0)) continue;
        Side with_missing = {
            side.weight + missing, side.positive + missing_positive,
            side.rows + grower->rows[MISSING]};
        split.missing_goes_true = true;
        consider(grower, node, with_missing, split, best);
    }
    clear_histogram(grower, occupied);
}

/// Draws features until enough were looked at and one of them can split the node.
static Split find_split(Grower *grower, const Node *node) {
    Split best = {.gain = -1, .feature = -1};
    int32_t feature_count = grower->growth.feature_count;
    for (int32_t i = 0; i < feature_count; i++) {
        if (i >= grower->growth.features_per_node && best.feature >= 0) break;
        int32_t drawn = i + next_below(&grower->generator, feature_count - i);
        int32_t feature = grower->features[drawn];
        grower->features[drawn] = grower->features[i];
        grower->features[i] = feature;
        search(grower, node, feature, &best);
    }
    return best;
}

/// Brings the rows of the true branch to the front, keeping their order; returns where they end.
static int32_t part(Grower *grower, const Node *node, Split split) {
    const uint8_t *column = grower->bins + (int64_t)split.feature * grower->growth.row_count;
    // Missing is the highest bin; one step further it is the lowest, and goes to the true branch.
    uint32_t step = split.missing_goes_true, last = (uint32_t)split.bin + step;
    int32_t kept = node->begin, moved = 0;
    for (int32_t i = node->begin; i < node->end; i++) {
        TwinForestSample sample = grower->samples[i];
        bool goes_true = (uint8_t)(column[sample.code >> 1] + step) <= last;
        grower->samples[kept] = sample;
        grower->spare[moved] = sample;
        kept += goes_true;
        moved += !goes_true;
    }
    memcpy(grower->samples + kept, grower->spare, (size_t)moved * sizeof *grower->samples);
    return kept;
}

static Node measure(const Grower *grower, int32_t begin, int32_t end) {
    Node node = {.begin = begin, .end = end};
    for (int32_t i = begin; i < end; i++) {
        TwinForestSample sample = grower->samples[i];
        node.weight += sample.weight;
        node.positive += sample.code & 1 ? sample.weight : 0;
    }
    return node;
}

/// Whether a split direction that no row has asked for should be the true one.
static bool true_is_heavier(const Grower *grower, int32_t begin, int32_t middle, int32_t end) {
    return measure(grower, begin, middle).weight >= measure(grower, middle, end).weight;
}

/// Whether any row of the node misses the feature.
static bool has_missing(const Grower *grower, const Node *node, int32_t feature) {
    const uint8_t *column = grower->bins + (int64_t)feature * grower->growth.row_count;
    for (int32_t i = node->begin; i < node->end; i++)
        if (column[grower->samples[i].code >> 1] == MISSING) return true;
    return false;
}

static int32_t grow(Grower *grower, int32_t row_count, TwinForestNode *nodes) {
    Pending stack[TWIN_FOREST_DEPTH_MAX + 2];
    int32_t pending = 0, node_count = 1;
    stack[pending++] = (Pending){.end = row_count};
    while (pending > 0) {
        Pending at = stack[--pending];
        Node node = measure(grower, at.begin, at.end);
        TwinForestNode *made = &nodes[at.node];
        *made = (TwinForestNode){
            .feature = -1, .cover = node.weight, .positive = node.positive};
        bool pure = !(node.positive > 0) || !(node.weight - node.positive > 0);
        if (pure || at.depth >= grower->growth.depth_max ||
            at.end - at.begin < 2 * (int64_t)grower->growth.leaf_rows_min ||
            node_count + 2 > grower->growth.node_count_max)
            continue;
        Split split = find_split(grower, &node);
        if (split.feature < 0) continue;
        int32_t middle = part(grower, &node, split);
        if (!has_missing(grower, &node, split.feature))
            split.missing_goes_true = true_is_heavier(grower, at.begin, middle, at.end);
        made->feature = split.feature;
        made->bin = split.bin;
        made->missing_goes_true = split.missing_goes_true;
        made->gain = 2 * split.gain / node.weight;
        made->true_branch = node_count;
        made->false_branch = node_count + 1;
        node_count += 2;
        stack[pending++] = (Pending){middle, at.end, made->false_branch, at.depth + 1};
        stack[pending++] = (Pending){at.begin, middle, made->true_branch, at.depth + 1};
    }
    return node_count;
}

int32_t twin_forest_grow(
    const uint8_t *bins, const uint8_t *bin_counts, const uint8_t *labels, const float *weights,
    TwinForestGrowth growth, TwinForestSample *samples, uint32_t *multiplicity, int32_t *features,
    TwinForestNode *nodes) {
    Grower grower = {
        .bins = bins, .bin_counts = bin_counts, .growth = growth, .samples = samples,
        .spare = samples + growth.row_count, .features = features};
    uint64_t seed = growth.seed;
    for (int i = 0; i < 4; i++) grower.generator.state[i] = split_mix(&seed);
    for (int32_t feature = 0; feature < growth.feature_count; feature++)
        features[feature] = feature;
    return grow(&grower, fill_bag(&grower, labels, weights, multiplicity), nodes);
}

void twin_forest_out_of_bag(
    const uint8_t *bins, int32_t row_count, const uint32_t *multiplicity,
    const TwinForestNode *nodes, int64_t *sums, int32_t *seen) {
    for (int32_t row = 0; row < row_count; row++) {
        if (multiplicity[row] > 0) continue;
        const TwinForestNode *node = nodes;
        while (node->feature >= 0) {
            uint32_t bin = bins[(int64_t)node->feature * row_count + row];
            bool goes_true = bin == MISSING ? node->missing_goes_true : bin <= (uint32_t)node->bin;
            node = &nodes[goes_true ? node->true_branch : node->false_branch];
        }
        if (!(node->cover > 0)) continue;
        sums[row] += (int64_t)(node->positive / node->cover * 1073741824.0 + 0.5);
        seen[row]++;
    }
}
