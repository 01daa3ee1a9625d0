#include "growing.h"

#pragma STDC FP_CONTRACT OFF

/// What is known of the node that is being split.
typedef struct {
    int32_t begin, end;
    double weight, positive;
} Node;

typedef struct {
    Bag bag;
    /// Two weights a bin: class 0, class 1.
    double weights[2 * BINS];
    uint32_t rows[BINS];
    uint8_t occupied[BINS];
} Grower;

/// Adds the node's rows to the bins of one feature, and lists the occupied bins in order.
static int32_t fill_histogram(Grower *grower, const Node *node, int32_t feature) {
    const uint8_t *column = column_of(&grower->bag, feature);
    uint64_t mask[BINS / 64] = {0};
    bool counts_rows = grower->bag.growth.leaf_rows_min > 1;
    bool few = node->end - node->begin < FEW_ROWS;
    for (int32_t i = node->begin; i < node->end; i++) {
        TwinForestSample sample = grower->bag.samples[i];
        uint8_t bin = column[sample.code >> 1];
        grower->weights[2 * bin + (sample.code & 1)] += sample.weight;
        if (counts_rows) grower->rows[bin]++;
        if (few) mask[bin >> 6] |= 1ull << (bin & 63);
    }
    int32_t occupied = 0;
    if (!few) {
        int32_t bin_count = grower->bag.bin_counts[feature];
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
    int64_t least = grower->bag.growth.leaf_rows_min, all = node->end - node->begin;
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
    if (grower->bag.growth.random_cuts && occupied > 0)
        cut = next_below(&grower->bag.generator, occupied > 1 ? occupied - 1 : 1);
    double missing_positive = grower->weights[2 * MISSING + 1];
    double missing = grower->weights[2 * MISSING] + missing_positive;
    Side side = {0};
    for (int32_t i = 0; i < occupied; i++) {
        uint8_t bin = grower->occupied[i];
        side.positive += grower->weights[2 * bin + 1];
        side.weight += grower->weights[2 * bin] + grower->weights[2 * bin + 1];
        side.rows += grower->rows[bin];
        if (cut >= 0 && i != cut && i + 1 != occupied) continue;
        Split split = {.feature = feature, .bin = grower->bag.bin_counts[feature] - 1};
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
    for (int32_t i = 0; i < grower->bag.growth.feature_count; i++) {
        if (i >= grower->bag.growth.features_per_node && best.feature >= 0) break;
        search(grower, node, draw_feature(&grower->bag, i), &best);
    }
    return best;
}

static Node measure(const Grower *grower, int32_t begin, int32_t end) {
    Node node = {.begin = begin, .end = end};
    for (int32_t i = begin; i < end; i++) {
        TwinForestSample sample = grower->bag.samples[i];
        node.weight += sample.weight;
        node.positive += sample.code & 1 ? sample.weight : 0;
    }
    return node;
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
        if (pure || !may_split(&grower->bag, at, node_count)) continue;
        Split split = find_split(grower, &node);
        if (split.feature < 0) continue;
        int32_t middle = part_by(&grower->bag, at.begin, at.end, &split);
        branch(
            made, split, 2 * split.gain / node.weight, &node_count, at, middle, stack, &pending);
    }
    return node_count;
}

int32_t twin_forest_grow(
    const uint8_t *bins, const uint8_t *bin_counts, const uint8_t *labels, const float *weights,
    TwinForestGrowth growth, TwinForestSample *samples, uint32_t *multiplicity, int32_t *features,
    TwinForestNode *nodes) {
    Grower grower = {.bag = new_bag(bins, bin_counts, growth, samples, features)};
    return grow(&grower, fill_bag(&grower.bag, labels, weights, multiplicity), nodes);
}

void twin_forest_out_of_bag(
    const uint8_t *bins, int32_t row_count, const uint32_t *multiplicity,
    const TwinForestNode *nodes, int64_t *sums, int32_t *seen) {
    for (int32_t row = 0; row < row_count; row++) {
        if (multiplicity[row] > 0) continue;
        const TwinForestNode *node = &nodes[leaf_of(bins, row_count, row, nodes)];
        if (!(node->cover > 0)) continue;
        sums[row] += (int64_t)(node->positive / node->cover * 1073741824.0 + 0.5);
        seen[row]++;
    }
}
