#ifndef CMODELNETWORK_H
#define CMODELNETWORK_H

#include <stdbool.h>
#include <stdint.h>

// The loops of the network: products, activations, batch normalisation, dropout, Adam.
//
// Nothing here allocates or keeps state; the Swift room beside it owns all memory, checks every
// size before it calls, and is the only caller. Matrices are row after row, and rows are filled up
// with zeros to a multiple of TWIN_NETWORK_LANES columns. Every path gives the same bits: each sum
// is taken in the same order, with fused multiplication where it is written and nowhere else.

/// What the columns of every matrix are a multiple of.
#define TWIN_NETWORK_LANES 16

#define TWIN_NETWORK_IDENTITY 0
#define TWIN_NETWORK_RELU 1
#define TWIN_NETWORK_TANH 2

/// The widest path that this processor can take: 0 is plain, 1 has 256 bits, 2 has 512.
int32_t twin_network_path(void);

/// product = left x right; the product's rows and the right's have `columns` columns.
///
/// Element (r, s) of the left is at r x left_row + s x left_step, so that it may lie transposed.
void twin_network_multiply(
    const float *left, int64_t left_row, int64_t left_step, const float *right, int32_t rows,
    int32_t steps, int32_t columns, float *product, int32_t path);

/// Lays `rows` rows of `columns` out as `columns` rows of `out_columns`, which is filled up.
void twin_network_transpose(
    const float *matrix, int32_t rows, int32_t columns, int32_t row_stride, float *transposed,
    int32_t out_columns);

/// Adds one row to every row.
void twin_network_add(float *values, int32_t rows, int32_t columns, const float *row);

/// Sums the rows.
void twin_network_sum(const float *values, int32_t rows, int32_t columns, float *sums);

/// Puts every value through an activation.
void twin_network_activate(float *values, int64_t count, int32_t activation);

/// Multiplies gradients with the slope of an activation, which is known from what it made.
void twin_network_activate_back(
    const float *outputs, float *gradients, int64_t count, int32_t activation);

/// Makes the masks of one step of dropout: 0, or 1 / (1 - share).
void twin_network_masks(float *masks, int64_t count, float share, uint64_t seed);

/// product = left x right, element by element; the product may be one of them.
void twin_network_scale(const float *left, const float *right, float *product, int64_t count);

#define TWIN_NETWORK_EPSILON 1e-5f

/// Brings every column of a batch to mean 0 and variance 1, then to its gain and shift.
///
/// `normal` holds the batch before gain and shift; the others hold a row. `means` and `inverses`
/// are the batch's own, the running ones move towards them by `momentum`.
void twin_network_normalise(
    float *values, int32_t rows, int32_t columns, const float *gains, const float *shifts,
    float *normal, float *means, float *inverses, float *running_means, float *running_variances,
    float momentum);

/// The gradients before the normalisation, in place, and those of gains and shifts.
void twin_network_normalise_back(
    float *gradients, int32_t rows, int32_t columns, const float *gains, const float *normal,
    const float *inverses, float *gain_gradients, float *shift_gradients);

/// One step of Adam, its decay of weights apart from the gradient.
typedef struct {
    float rate;
    /// 1 / (1 - beta^t) of both moments.
    float mean_correction;
    float square_correction;
    float decay;
} TwinNetworkStep;

void twin_network_adam(
    float *weights, const float *gradients, float *means, float *squares, int64_t count,
    TwinNetworkStep step, int32_t path);

#endif
