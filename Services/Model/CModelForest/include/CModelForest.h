#ifndef CMODELFOREST_H
#define CMODELFOREST_H

#include <stdbool.h>
#include <stdint.h>

// The hot loops of the forest: binning, growing, scoring, explaining.
//
// Nothing here allocates or keeps state; the Swift room beside it owns all memory, checks every
// index and size before it calls, and is the only caller. Results do not depend on the processor:
// no contraction, no reassociation, the same operations in the same order on every path.

/// The bin of a value that is missing; present values take the bins below.
#define TWIN_FOREST_MISSING 255
/// The most features that one path may compare, and so the deepest tree that is grown.
#define TWIN_FOREST_DEPTH_MAX 64
/// How many paths the explaining loop walks at once.
#define TWIN_FOREST_LANES 8
/// How many rows the scoring loop takes as one block, and how many walk together.
#define TWIN_FOREST_BLOCK 128
#define TWIN_FOREST_GROUP 16
/// How many levels at a tree's top many rows pass at once: 15 nodes and 16 ways out.
#define TWIN_FOREST_TOP_LEVELS 4
#define TWIN_FOREST_TOP_WORDS 46

/// A row in a tree's bag: the row's number shifted left by one, with its label in the lowest bit.
typedef struct {
    uint32_t code;
    float weight;
} TwinForestSample;

/// A node as it was grown; `feature` is -1 at a leaf.
typedef struct {
    int32_t feature;
    /// Rows whose bin is not above it go to the true branch.
    int32_t bin;
    int32_t true_branch;
    int32_t false_branch;
    bool missing_goes_true;
    double cover;
    double positive;
    /// By how much the split lowers the weighted Gini impurity; 0 at a leaf.
    double gain;
} TwinForestNode;

typedef struct {
    uint64_t seed;
    int32_t row_count;
    int32_t feature_count;
    int32_t features_per_node;
    int32_t leaf_rows_min;
    int32_t depth_max;
    int32_t node_count_max;
    bool bootstrap;
    /// Extra trees: of each feature one cut at random, instead of all.
    bool random_cuts;
    float class_weights[2];
} TwinForestGrowth;

/// Cuts one feature into at most `bins_max` bins of about equal size, and puts every row into one.
///
/// `rows` is row-major; `bins` and `edges` are the tables of all features, feature-major, with
/// row_count bins and bins_max edges each. `keys` holds 2 x row_count.
/// Returns how many edges the feature has; its bin b ends at edge b.
int32_t twin_forest_bin(
    const float *rows, int32_t row_count, int32_t feature_count, int32_t feature,
    int32_t bins_max, uint32_t *keys, uint8_t *bins, float *edges);

/// Grows one tree; returns the number of its nodes, children after their parents.
///
/// `bins` is feature-major. `bin_counts` says how many bins each feature has. `samples` holds
/// 2 x row_count, `multiplicity` row_count (how often each row came into the bag), `features`
/// feature_count.
int32_t twin_forest_grow(
    const uint8_t *bins, const uint8_t *bin_counts, const uint8_t *labels, const float *weights,
    TwinForestGrowth growth, TwinForestSample *samples, uint32_t *multiplicity, int32_t *features,
    TwinForestNode *nodes);

/// Adds, for each row outside the bag, the tree's class-1 fraction in units of 2^-30 to `sums`,
/// and 1 to `seen`; integers, so that the order of the trees does not matter.
void twin_forest_out_of_bag(
    const uint8_t *bins, int32_t row_count, const uint32_t *multiplicity,
    const TwinForestNode *nodes, int64_t *sums, int32_t *seen);

/// Grows one tree whose leaves hold `target_count` numbers: one a class, or a quantity.
///
/// As `twin_forest_grow`, but `targets` holds the numbers of each row, and `growth` has one class
/// weight. `room` holds 256 x (target_count + 1) + 3 x target_count; `sums` gets the weighted
/// targets of each node and holds node_count_max x target_count.
int32_t twin_forest_grow_targets(
    const uint8_t *bins, const uint8_t *bin_counts, const float *targets, int32_t target_count,
    const float *weights, TwinForestGrowth growth, TwinForestSample *samples,
    uint32_t *multiplicity, int32_t *features, double *room, TwinForestNode *nodes, double *sums);

/// Adds, for each row outside the bag, its leaf's mean targets in units of 2^-30 to `sums`, and 1
/// to `seen`. Targets are at most 4096 in size.
void twin_forest_targets_out_of_bag(
    const uint8_t *bins, int32_t row_count, const uint32_t *multiplicity,
    const TwinForestNode *nodes, const double *node_sums, int32_t target_count, int64_t *sums,
    int32_t *seen);

/// A node as it is walked.
///
/// `way` holds 20 bits of how far behind it its first child is, the second being the next, and 12
/// bits of slot; a row goes to the second child where its slot's key is above `key`. At a leaf the
/// way is 0 and the slot `slot_count`, and `key` holds the bits of the value.
typedef struct {
    uint32_t way;
    uint32_t key;
} TwinForestStep;

/// Slots of features that follow each other, of which missing values go to the same side.
typedef struct {
    int32_t feature;
    int32_t count;
    bool missing_goes_true;
} TwinForestRun;

/// A forest laid out for scoring.
typedef struct {
    const TwinForestStep *steps;
    const uint32_t *roots;
    const uint32_t *depths;
    /// For each tree the slots and thresholds (as keys of integers with a sign) of its first nodes,
    /// as if the tree were full there, and the places where its first levels are left.
    const int32_t *tops;
    const TwinForestRun *runs;
    int32_t tree_count;
    int32_t run_count;
    int32_t slot_count;
} TwinForest;

/// Sums the trees for one row; `keys` holds slot_count + 1.
double twin_forest_score(const TwinForest *forest, const float *row, double base, int32_t *keys);

/// As `twin_forest_score`, for many rows.
///
/// `group_count` groups, TWIN_FOREST_BLOCK / TWIN_FOREST_GROUP at most, are scored together; `keys`
/// holds so many x TWIN_FOREST_GROUP x (slot_count + 1). `wide` is false where a test wants the
/// loop without wide vectors; the bits are the same.
void twin_forest_score_rows(
    const TwinForest *forest, const float *rows, int64_t row_count, int32_t feature_count,
    double base, int32_t group_count, int32_t *keys, double *scores, bool wide);

/// Adds one row's exact path-dependent Shapley values to `contributions`.
///
/// Paths come in groups of TWIN_FOREST_LANES with equally many elements, `counts[g]` of them.
/// An element is 2 x feature + (a missing value fits), the open lower bound (NaN: none) and the
/// closed upper bound of the values that fit, and the share of the training rows that do. `values` holds the leaves.
/// `nodes` and `weights` hold the Gauss-Legendre rules on 0...1 with 1 to 32 points, each of 32.
/// `wide` is false where a test wants the loop without wide vectors; the bits are the same.
void twin_forest_explain(
    const int32_t *features, const float *lowers, const float *uppers, const float *shares,
    const float *values, const int32_t *counts, int32_t group_count, const double *nodes,
    const double *weights, const float *row, double *contributions, bool wide);

#endif
