#ifndef CMODELFOREST_GROWING_H
#define CMODELFOREST_GROWING_H

#include "CModelForest.h"

#include <string.h>

// What growing a tree takes whatever its rows are learnt for: chance, the bag, and its parting.

enum { BINS = 256, MISSING = TWIN_FOREST_MISSING, FEW_ROWS = 192 };

typedef struct {
    uint64_t state[4];
} Generator;

typedef struct {
    double gain;
    int32_t feature, bin;
    bool missing_goes_true;
} Split;

typedef struct {
    int32_t begin, end, node, depth;
} Pending;

/// The rows of one tree, and how it is to be grown.
typedef struct {
    const uint8_t *bins, *bin_counts;
    TwinForestGrowth growth;
    TwinForestSample *samples, *spare;
    int32_t *features;
    Generator generator;
} Bag;

static inline uint64_t split_mix(uint64_t *state) {
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline uint64_t rotate(uint64_t value, int by) {
    return (value << by) | (value >> (64 - by));
}

/// xoshiro256**.
static inline uint64_t next(Generator *generator) {
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
static inline int32_t next_below(Generator *generator, int32_t bound) {
    return (int32_t)(((next(generator) >> 32) * (uint64_t)bound) >> 32);
}

static inline Bag new_bag(
    const uint8_t *bins, const uint8_t *bin_counts, TwinForestGrowth growth,
    TwinForestSample *samples, int32_t *features) {
    Bag bag = {
        .bins = bins, .bin_counts = bin_counts, .growth = growth, .samples = samples,
        .spare = samples + growth.row_count, .features = features};
    uint64_t seed = growth.seed;
    for (int i = 0; i < 4; i++) bag.generator.state[i] = split_mix(&seed);
    for (int32_t feature = 0; feature < growth.feature_count; feature++)
        features[feature] = feature;
    return bag;
}

/// Draws the bag, and lists its rows in order; returns how many there are.
///
/// Without labels all rows are of class 0.
static inline int32_t fill_bag(
    Bag *bag, const uint8_t *labels, const float *weights, uint32_t *multiplicity) {
    int32_t row_count = bag->growth.row_count, count = 0;
    for (int32_t row = 0; row < row_count; row++) multiplicity[row] = !bag->growth.bootstrap;
    if (bag->growth.bootstrap)
        for (int32_t draw = 0; draw < row_count; draw++)
            multiplicity[next_below(&bag->generator, row_count)]++;
    for (int32_t row = 0; row < row_count; row++) {
        uint32_t label = labels != NULL && labels[row] != 0;
        float weight = (float)multiplicity[row] * weights[row] * bag->growth.class_weights[label];
        bag->samples[count] =
            (TwinForestSample){.code = (uint32_t)row << 1 | label, .weight = weight};
        count += weight > 0;
    }
    return count;
}

static inline const uint8_t *column_of(const Bag *bag, int32_t feature) {
    return bag->bins + (int64_t)feature * bag->growth.row_count;
}

/// Brings the rows of the true branch to the front, keeping their order; returns where they end.
static inline int32_t part(Bag *bag, int32_t begin, int32_t end, Split split) {
    const uint8_t *column = column_of(bag, split.feature);
    // Missing is the highest bin; one step further it is the lowest, and goes to the true branch.
    uint32_t step = split.missing_goes_true, last = (uint32_t)split.bin + step;
    int32_t kept = begin, moved = 0;
    for (int32_t i = begin; i < end; i++) {
        TwinForestSample sample = bag->samples[i];
        bool goes_true = (uint8_t)(column[sample.code >> 1] + step) <= last;
        bag->samples[kept] = sample;
        bag->spare[moved] = sample;
        kept += goes_true;
        moved += !goes_true;
    }
    memcpy(bag->samples + kept, bag->spare, (size_t)moved * sizeof *bag->samples);
    return kept;
}

static inline double weight_of(const Bag *bag, int32_t begin, int32_t end) {
    double weight = 0;
    for (int32_t i = begin; i < end; i++) weight += bag->samples[i].weight;
    return weight;
}

/// Whether any row between misses the feature.
static inline bool has_missing(const Bag *bag, int32_t begin, int32_t end, int32_t feature) {
    const uint8_t *column = column_of(bag, feature);
    for (int32_t i = begin; i < end; i++)
        if (column[bag->samples[i].code >> 1] == MISSING) return true;
    return false;
}

/// Parts the rows by a split, which learns where a missing value goes that no row has asked for;
/// returns where the true branch ends.
static inline int32_t part_by(Bag *bag, int32_t begin, int32_t end, Split *split) {
    int32_t middle = part(bag, begin, end, *split);
    if (!has_missing(bag, begin, end, split->feature))
        split->missing_goes_true = weight_of(bag, begin, middle) >= weight_of(bag, middle, end);
    return middle;
}

/// Draws the next feature to look at.
static inline int32_t draw_feature(Bag *bag, int32_t place) {
    int32_t drawn = place + next_below(&bag->generator, bag->growth.feature_count - place);
    int32_t feature = bag->features[drawn];
    bag->features[drawn] = bag->features[place];
    bag->features[place] = feature;
    return feature;
}

/// Whether a node of so many rows may be split at all.
static inline bool may_split(const Bag *bag, Pending at, int32_t node_count) {
    return at.depth < bag->growth.depth_max &&
           at.end - at.begin >= 2 * (int64_t)bag->growth.leaf_rows_min &&
           node_count + 2 <= bag->growth.node_count_max;
}

/// Makes a leaf a node of two branches, which are to be looked at next.
static inline void branch(
    TwinForestNode *made, Split split, double gain, int32_t *node_count, Pending at,
    int32_t middle, Pending *stack, int32_t *pending) {
    made->feature = split.feature;
    made->bin = split.bin;
    made->missing_goes_true = split.missing_goes_true;
    made->gain = gain;
    made->true_branch = *node_count;
    made->false_branch = *node_count + 1;
    *node_count += 2;
    stack[(*pending)++] = (Pending){middle, at.end, made->false_branch, at.depth + 1};
    stack[(*pending)++] = (Pending){at.begin, middle, made->true_branch, at.depth + 1};
}

/// The leaf that a row comes to.
static inline int32_t leaf_of(
    const uint8_t *bins, int32_t row_count, int32_t row, const TwinForestNode *nodes) {
    int32_t place = 0;
    while (nodes[place].feature >= 0) {
        const TwinForestNode *node = &nodes[place];
        uint32_t bin = bins[(int64_t)node->feature * row_count + row];
        bool goes_true = bin == MISSING ? node->missing_goes_true : bin <= (uint32_t)node->bin;
        place = goes_true ? node->true_branch : node->false_branch;
    }
    return place;
}

#endif
