#ifndef CMODELKERNELS_H
#define CMODELKERNELS_H

#include <stdint.h>

// The hot loops of support vector machines and dense layers, once for each level of machine.
//
// Nothing here allocates or keeps state; the Swift room beside it owns all memory, checks every
// index and size before it calls, and is the only caller. A row's result never depends on the
// rows beside it: every lane adds in order of the columns, every panel's products in one fixed
// tree. Where there is a fused multiply-add (AVX2 with FMA, AVX-512, ARM64), the bits are the same
// on all of them; on the plain level of other machines they differ in the last places.

/// How many support vectors, or columns of a layer, lie side by side.
#define TWIN_PANEL 32
/// A panel's first float must lie at a multiple of this.
#define TWIN_PANEL_ALIGNMENT 64
/// The highest power of a polynomial kernel.
#define TWIN_DEGREE_MAX 64

enum { TWIN_LEVEL_PLAIN, TWIN_LEVEL_AVX2, TWIN_LEVEL_AVX512, TWIN_LEVEL_COUNT };

enum { TWIN_CURVE_LINEAR, TWIN_CURVE_POLYNOMIAL, TWIN_CURVE_RADIAL, TWIN_CURVE_SIGMOID };

enum { TWIN_BEND_NONE, TWIN_BEND_RELU, TWIN_BEND_TANH, TWIN_BEND_LOGISTIC };

enum { TWIN_MAP_EXP, TWIN_MAP_TANH, TWIN_MAP_LOGISTIC };

/// Vectors, or the columns of a layer, in panels: for each panel and each column of the input 32
/// values; what is missing from the last panel is zero.
typedef struct {
    const float *panels;
    int64_t panel_count;
    int64_t width;
    /// Whether no value is endless or NaN, so that an input of 0 adds nothing to a layer's sums.
    int32_t is_finite;
    int32_t curve;
    int32_t degree;
    float gamma;
    float offset;
} TwinPanels;

/// The highest of some values, and the first place where it is; -1 where all are -infinity or NaN.
typedef struct {
    double value;
    int64_t place;
} TwinHighest;

/// What one pass over the gradient finds.
typedef struct {
    /// Of minus the gradient, where a variable may rise.
    TwinHighest up;
    /// Of the gradient, where it may fall.
    TwinHighest low;
} TwinExtremes;

/// The best level of this machine.
int32_t twin_level_best(void);

/// The kernel of each row with each vector: row `i` starts at `rows + starts[i]`, and its 32 x
/// `panel_count` results go to `out + out_starts[i]`.
void twin_kernel_rows(
    int32_t level, const TwinPanels *panels, const float *rows, const int64_t *starts,
    int64_t row_count, float *out, const int64_t *out_starts);

/// Adds to each of a row's `sum_count` sums the kernels times its coefficients, of which there are
/// 32 x `panel_count` for each sum, in double.
void twin_kernel_sums(
    int32_t level, const TwinPanels *panels, const double *coefficients, int64_t sum_count,
    const float *rows, int64_t row_count, double *sums);

/// Rows through a layer: the panels' columns plus `bias` (32 x `panel_count`), bent.
void twin_dense(
    int32_t level, const TwinPanels *panels, const float *bias, int32_t bend, const float *rows,
    int64_t row_count, int64_t column_count, float *out);

/// A function of each value.
void twin_map(int32_t level, int32_t map, const float *values, int64_t count, float *out);

/// The variables that a pass goes over, and the kernels that they use.
typedef struct {
    /// The first variable, and how many.
    int64_t start;
    int64_t count;
    /// The first variable's place in a row of kernels.
    int64_t column;
} TwinStretch;

/// Moves the gradient along two rows of kernels, which begin at places of `store`, and finds its
/// extremes.
///
/// `up` and `low` hold 0 where a variable may rise or fall, else -infinity. Steps of zero leave
/// the gradient as it is.
TwinExtremes twin_solver_move(
    int32_t level, TwinStretch stretch, double *gradient, const double *up, const double *low,
    const float *store, int64_t first_row, int64_t second_row, double first_step,
    double second_step);

/// The partner that promises the most with a variable of the kernel row at `row`, self-kernel
/// `own` and minus gradient `top`: the highest of squared violation by curvature.
TwinHighest twin_solver_partner(
    int32_t level, TwinStretch stretch, const double *gradient, const double *low,
    const float *store, int64_t row, const double *diagonal, double top, double own);

#endif
