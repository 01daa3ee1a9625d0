#include "CModelNetwork.h"

#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

void twin_network_add(float *values, int32_t rows, int32_t columns, const float *row) {
    for (int32_t r = 0; r < rows; r++)
        for (int32_t c = 0; c < columns; c++) values[(int64_t)r * columns + c] += row[c];
}

void twin_network_sum(const float *values, int32_t rows, int32_t columns, float *sums) {
    memset(sums, 0, (size_t)columns * sizeof *sums);
    for (int32_t r = 0; r < rows; r++)
        for (int32_t c = 0; c < columns; c++) sums[c] += values[(int64_t)r * columns + c];
}

/// e to the power of x, for x from -87 to 0: a library's would differ from machine to machine.
static inline float power(float x) {
    // Adding and taking away 1.5 x 2^23 rounds.
    float whole = (x * 1.442695041f + 12582912.0f) - 12582912.0f;
    float rest = (x - whole * 0.693359375f) - whole * -2.12194440e-4f;
    float sum = 1.0f / 5040;
    sum = sum * rest + 1.0f / 720;
    sum = sum * rest + 1.0f / 120;
    sum = sum * rest + 1.0f / 24;
    sum = sum * rest + 1.0f / 6;
    sum = sum * rest + 0.5f;
    sum = sum * rest + 1;
    sum = sum * rest + 1;
    uint32_t bits = (uint32_t)((int32_t)whole + 127) << 23;
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return sum * scale;
}

static inline float hyperbolic_tangent(float x) {
    float size = fabsf(x);
    float square = x * x;
    float tail = power(size < 43 ? -2 * size : -86);
    float far = (1 - tail) / (1 + tail);
    float near = size * (1 - square * (1.0f / 3 - square * (2.0f / 15 - square * (17.0f / 315))));
    float value = copysignf(size < 0.1f ? near : far, x);
    return x == x ? value : x;
}

void twin_network_activate(float *values, int64_t count, int32_t activation) {
    switch (activation) {
    case TWIN_NETWORK_RELU:
        // What is no number stays none.
        for (int64_t i = 0; i < count; i++) values[i] = values[i] < 0 ? 0 : values[i];
        break;
    case TWIN_NETWORK_TANH:
        for (int64_t i = 0; i < count; i++) values[i] = hyperbolic_tangent(values[i]);
        break;
    default: break;
    }
}

void twin_network_activate_back(
    const float *outputs, float *gradients, int64_t count, int32_t activation) {
    switch (activation) {
    case TWIN_NETWORK_RELU:
        for (int64_t i = 0; i < count; i++) gradients[i] = outputs[i] > 0 ? gradients[i] : 0;
        break;
    case TWIN_NETWORK_TANH:
        for (int64_t i = 0; i < count; i++) gradients[i] *= 1 - outputs[i] * outputs[i];
        break;
    default: break;
    }
}

void twin_network_masks(float *masks, int64_t count, float share, uint64_t seed) {
    uint32_t bound = (uint32_t)(share * 16777216.0f);
    float kept = 1 / (1 - share);
    for (int64_t i = 0; i < count; i++) {
        // SplitMix64 of the place: each mask depends on the seed and on nothing else.
        uint64_t mixed = seed + (uint64_t)(i + 1) * 0x9E3779B97F4A7C15u;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
        masks[i] = (uint32_t)((mixed ^ (mixed >> 31)) >> 40) < bound ? 0 : kept;
    }
}

void twin_network_scale(const float *left, const float *right, float *product, int64_t count) {
    for (int64_t i = 0; i < count; i++) product[i] = left[i] * right[i];
}

void twin_network_normalise(
    float *values, int32_t rows, int32_t columns, const float *gains, const float *shifts,
    float *normal, float *means, float *inverses, float *running_means, float *running_variances,
    float momentum) {
    twin_network_sum(values, rows, columns, means);
    for (int32_t c = 0; c < columns; c++) means[c] /= (float)rows;
    memset(inverses, 0, (size_t)columns * sizeof *inverses);
    for (int32_t r = 0; r < rows; r++)
        for (int32_t c = 0; c < columns; c++) {
            float distance = values[(int64_t)r * columns + c] - means[c];
            inverses[c] += distance * distance;
        }
    // The spread of the whole is estimated without the bias that a batch has.
    float others = rows > 1 ? (float)(rows - 1) : 1;
    for (int32_t c = 0; c < columns; c++) {
        float squares = inverses[c];
        running_means[c] += momentum * (means[c] - running_means[c]);
        running_variances[c] += momentum * (squares / others - running_variances[c]);
        inverses[c] = 1 / sqrtf(squares / (float)rows + TWIN_NETWORK_EPSILON);
    }
    for (int32_t r = 0; r < rows; r++)
        for (int32_t c = 0; c < columns; c++) {
            int64_t i = (int64_t)r * columns + c;
            normal[i] = (values[i] - means[c]) * inverses[c];
            values[i] = normal[i] * gains[c] + shifts[c];
        }
}

void twin_network_normalise_back(
    float *gradients, int32_t rows, int32_t columns, const float *gains, const float *normal,
    const float *inverses, float *gain_gradients, float *shift_gradients) {
    memset(gain_gradients, 0, (size_t)columns * sizeof *gain_gradients);
    for (int32_t r = 0; r < rows; r++)
        for (int32_t c = 0; c < columns; c++) {
            int64_t i = (int64_t)r * columns + c;
            gain_gradients[c] += gradients[i] * normal[i];
        }
    twin_network_sum(gradients, rows, columns, shift_gradients);
    for (int32_t r = 0; r < rows; r++)
        for (int32_t c = 0; c < columns; c++) {
            int64_t i = (int64_t)r * columns + c;
            float common = shift_gradients[c] + normal[i] * gain_gradients[c];
            gradients[i] =
                gains[c] * inverses[c] * (gradients[i] - common / (float)rows);
        }
}

static inline __attribute__((always_inline)) void adam(
    float *weights, const float *gradients, float *means, float *squares, int64_t count,
    TwinNetworkStep step) {
    for (int64_t i = 0; i < count; i++) {
        float gradient = gradients[i];
        float mean = means[i] + 0.1f * (gradient - means[i]);
        float square = squares[i] + 0.001f * (gradient * gradient - squares[i]);
        means[i] = mean;
        squares[i] = square;
        float size = sqrtf(square * step.square_correction) + 1e-8f;
        weights[i] -= step.rate * (mean * step.mean_correction / size + step.decay * weights[i]);
    }
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static void adam_256(
    float *weights, const float *gradients, float *means, float *squares, int64_t count,
    TwinNetworkStep step) {
    adam(weights, gradients, means, squares, count, step);
}
#endif

void twin_network_adam(
    float *restrict weights, const float *restrict gradients, float *restrict means,
    float *restrict squares, int64_t count, TwinNetworkStep step, int32_t path) {
#ifdef __x86_64__
    if (path > 0) {
        adam_256(weights, gradients, means, squares, count, step);
        return;
    }
#endif
    adam(weights, gradients, means, squares, count, step);
}
