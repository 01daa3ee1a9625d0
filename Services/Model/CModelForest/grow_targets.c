#include "growing.h"

#pragma STDC FP_CONTRACT OFF

// Trees whose leaves hold several numbers: one a class, or one quantity. The impurity is the
// summed variance of the numbers, which for classes as ones and zeros is Gini's.

typedef struct {
    Bag bag;
    const float *targets;
    int32_t target_count;
    /// The weight and the weighted targets of each bin.
    double *histogram;
    /// Weighted targets: of the node, of the side that is looked at, of that and the missing.
    double *node, *side, *with_missing;
    uint32_t rows[BINS];
    uint8_t occupied[BINS];
} Grower;

/// The rows that are being split.
typedef struct {
    int32_t begin, end;
    double weight;
} Node;

typedef struct {
    double weight;
    int64_t rows;
    const double *sums;
} Side;

static double *bin_of(Grower *grower, int32_t bin) {
    return grower->histogram + (int64_t)bin * (grower->target_count + 1);
}

static const float *targets_of(const Grower *grower, TwinForestSample sample) {
    return grower->targets + (int64_t)(sample.code >> 1) * grower->target_count;
}

/// Adds the node's rows to the bins of one feature, and lists the occupied bins in order.
static int32_t fill_histogram(Grower *grower, const Node *node, int32_t feature) {
    const uint8_t *column = column_of(&grower->bag, feature);
    for (int32_t i = node->begin; i < node->end; i++) {
        TwinForestSample sample = grower->bag.samples[i];
        uint8_t bin = column[sample.code >> 1];
        double *sums = bin_of(grower, bin);
        const float *targets = targets_of(grower, sample);
        sums[0] += sample.weight;
        for (int32_t k = 0; k < grower->target_count; k++)
            sums[k + 1] += (double)sample.weight * targets[k];
        grower->rows[bin]++;
    }
    int32_t occupied = 0, bin_count = grower->bag.bin_counts[feature];
    for (int32_t bin = 0; bin < bin_count; bin++) {
        grower->occupied[occupied] = (uint8_t)bin;
        occupied += grower->rows[bin] > 0;
    }
    return occupied;
}

static void clear(Grower *grower, int32_t bin) {
    memset(bin_of(grower, bin), 0, (size_t)(grower->target_count + 1) * sizeof(double));
    grower->rows[bin] = 0;
}

/// Keeps a split if it is the best so far; its gain is by how much the summed variance falls.
static void consider(Grower *grower, const Node *node, Side side, Split split, Split *best) {
    int64_t least = grower->bag.growth.leaf_rows_min, all = node->end - node->begin;
    if (side.rows < least || all - side.rows < least) return;
    double other = node->weight - side.weight;
    if (!(side.weight > 0) || !(other > 0)) return;
    double squares = 0;
    for (int32_t k = 0; k < grower->target_count; k++) {
        double difference = side.sums[k] * node->weight - grower->node[k] * side.weight;
        squares += difference * difference;
    }
    split.gain = squares / (side.weight * other);
    if (split.gain > best->gain) *best = split;
}

/// Looks at every split of one feature, or at those of one cut at random.
static void search(Grower *grower, const Node *node, int32_t feature, Split *best) {
    int32_t occupied = fill_histogram(grower, node, feature);
    int32_t cut = -1, count = grower->target_count;
    // Between which of the occupied bins; after the last one is present against missing.
    if (grower->bag.growth.random_cuts && occupied > 0)
        cut = next_below(&grower->bag.generator, occupied > 1 ? occupied - 1 : 1);
    const double *missing = bin_of(grower, MISSING);
    Side side = {.sums = grower->side};
    memset(grower->side, 0, (size_t)count * sizeof(double));
    for (int32_t i = 0; i < occupied; i++) {
        uint8_t bin = grower->occupied[i];
        const double *sums = bin_of(grower, bin);
        side.weight += sums[0];
        side.rows += grower->rows[bin];
        for (int32_t k = 0; k < count; k++) grower->side[k] += sums[k + 1];
        if (cut >= 0 && i != cut && i + 1 != occupied) continue;
        Split split = {.feature = feature, .bin = grower->bag.bin_counts[feature] - 1};
        if (i + 1 == occupied) {
            // Present against missing.
            if (missing[0] > 0) consider(grower, node, side, split, best);
            break;
        }
        // Between two occupied bins the middle one: nearest to the middle of the gap.
        split.bin = (bin + grower->occupied[i + 1] - 1) / 2;
        consider(grower, node, side, split, best);
        if (!(missing[0] > 0)) continue;
        for (int32_t k = 0; k < count; k++)
            grower->with_missing[k] = grower->side[k] + missing[k + 1];
        Side all = {
            side.weight + missing[0], side.rows + grower->rows[MISSING], grower->with_missing};
        split.missing_goes_true = true;
        consider(grower, node, all, split, best);
    }
    for (int32_t i = 0; i < occupied; i++) clear(grower, grower->occupied[i]);
    clear(grower, MISSING);
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

/// Sums up the node's targets; returns whether they are all alike.
static bool measure(Grower *grower, Node *node, double *sums) {
    int32_t count = grower->target_count;
    const float *first = targets_of(grower, grower->bag.samples[node->begin]);
    bool alike = true;
    for (int32_t i = node->begin; i < node->end; i++) {
        TwinForestSample sample = grower->bag.samples[i];
        const float *targets = targets_of(grower, sample);
        node->weight += sample.weight;
        for (int32_t k = 0; k < count; k++) {
            sums[k] += (double)sample.weight * targets[k];
            alike = alike && targets[k] == first[k];
        }
    }
    memcpy(grower->node, sums, (size_t)count * sizeof(double));
    return alike;
}

int32_t twin_forest_grow_targets(
    const uint8_t *bins, const uint8_t *bin_counts, const float *targets, int32_t target_count,
    const float *weights, TwinForestGrowth growth, TwinForestSample *samples,
    uint32_t *multiplicity, int32_t *features, double *room, TwinForestNode *nodes, double *sums) {
    double *after = room + (int64_t)BINS * (target_count + 1);
    Grower grower = {
        .bag = new_bag(bins, bin_counts, growth, samples, features), .targets = targets,
        .target_count = target_count, .histogram = room, .node = after,
        .side = after + target_count, .with_missing = after + 2 * target_count};
    memset(room, 0, (size_t)BINS * (target_count + 1) * sizeof(double));
    Pending stack[TWIN_FOREST_DEPTH_MAX + 2];
    int32_t pending = 0, node_count = 1;
    stack[pending++] = (Pending){.end = fill_bag(&grower.bag, NULL, weights, multiplicity)};
    while (pending > 0) {
        Pending at = stack[--pending];
        Node node = {.begin = at.begin, .end = at.end};
        double *own = sums + (int64_t)at.node * target_count;
        memset(own, 0, (size_t)target_count * sizeof(double));
        bool alike = at.begin == at.end || measure(&grower, &node, own);
        TwinForestNode *made = &nodes[at.node];
        *made = (TwinForestNode){.feature = -1, .cover = node.weight};
        if (alike || !may_split(&grower.bag, at, node_count)) continue;
        Split split = find_split(&grower, &node);
        if (split.feature < 0) continue;
        int32_t middle = part_by(&grower.bag, at.begin, at.end, &split);
        branch(
            made, split, split.gain / node.weight, &node_count, at, middle, stack, &pending);
    }
    return node_count;
}

void twin_forest_targets_out_of_bag(
    const uint8_t *bins, int32_t row_count, const uint32_t *multiplicity,
    const TwinForestNode *nodes, const double *node_sums, int32_t target_count, int64_t *sums,
    int32_t *seen) {
    for (int32_t row = 0; row < row_count; row++) {
        if (multiplicity[row] > 0) continue;
        int32_t leaf = leaf_of(bins, row_count, row, nodes);
        double cover = nodes[leaf].cover;
        if (!(cover > 0)) continue;
        for (int32_t k = 0; k < target_count; k++) {
            double mean = node_sums[(int64_t)leaf * target_count + k] / cover * 1073741824.0;
            sums[(int64_t)row * target_count + k] += (int64_t)(mean + (mean < 0 ? -0.5 : 0.5));
        }
        seen[row]++;
    }
}
