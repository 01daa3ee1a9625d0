#include "CModelForest.h"

#include <string.h>

// Without contraction every processor gives the same bits.
#pragma STDC FP_CONTRACT OFF

enum { LANES = TWIN_FOREST_LANES, DEPTH = TWIN_FOREST_DEPTH_MAX, RULE = 32, TOGETHER = 4 };

#define INLINE static inline __attribute__((always_inline))

/// One number a path; where the processor has no such vectors the compiler makes them of smaller.
typedef double Lanes __attribute__((vector_size(LANES * sizeof(double))));
typedef float Floats __attribute__((vector_size(LANES * sizeof(float))));

/// The elements of one group of paths, as the row at hand meets them.
typedef struct {
    Lanes fits[DEPTH];
    Lanes shares[DEPTH];
    Lanes before[DEPTH][TOGETHER];
    Lanes sums[DEPTH];
} Group;

// Vectors are passed by address: by value their passing would depend on the processor.
INLINE void load(Lanes *lanes, const float *floats) {
    Floats narrow;
    memcpy(&narrow, floats, sizeof narrow);
    *lanes = __builtin_convertvector(narrow, Lanes);
}

INLINE void meet(
    Group *group, const int32_t *features, const float *lowers, const float *uppers,
    const float *shares, int32_t count, const float *row) {
    for (int32_t e = 0; e < count; e++) {
        for (int l = 0; l < LANES; l++) {
            int32_t i = e * LANES + l;
            float value = row[features[i] >> 1];
            int inside = !(value <= lowers[i]) & (value <= uppers[i]);
            int missing = (value != value) & features[i];
            group->fits[e][l] = inside | missing;
        }
        load(&group->shares[e], shares + e * LANES);
        group->sums[e] = (Lanes){0};
    }
}

/// Adds a few points of the quadrature: the product of all factors but each element's own.
INLINE void add_points(
    Group *group, int32_t count, const float *values, const double *nodes, const double *weights) {
    Lanes leaves, product[TOGETHER], after[TOGETHER];
    load(&leaves, values);
    for (int p = 0; p < TOGETHER; p++) {
        product[p] = leaves * weights[p];
        after[p] = (Lanes){0} + 1;
    }
    for (int32_t e = 0; e < count; e++)
        for (int p = 0; p < TOGETHER; p++) {
            group->before[e][p] = product[p];
            product[p] *= group->fits[e] * nodes[p] + group->shares[e] * (1 - nodes[p]);
        }
    for (int32_t e = count - 1; e >= 0; e--)
        for (int p = 0; p < TOGETHER; p++) {
            group->sums[e] += group->before[e][p] * after[p];
            after[p] *= group->fits[e] * nodes[p] + group->shares[e] * (1 - nodes[p]);
        }
}

/// The weight of a coalition of s among d players is the integral of t^s (1-t)^(d-1-s) over 0...1.
///
/// So an element's Shapley value on its path is (fits - share) times the integral of the product
/// of the other elements' (fits t + share (1-t)), a polynomial that Gauss-Legendre's rule with
/// half as many points as there are elements integrates exactly. Nothing is divided.
INLINE void explain(
    const int32_t *features, const float *lowers, const float *uppers, const float *shares,
    const float *values, const int32_t *counts, int32_t group_count, const double *nodes,
    const double *weights, const float *row, double *contributions) {
    Group group;
    int64_t first = 0;
    for (int32_t g = 0; g < group_count; g++) {
        int32_t count = counts[g], points = (count + 1) / 2;
        meet(
            &group, features + first, lowers + first, uppers + first, shares + first, count, row);
        const double *node = nodes + (points - 1) * RULE, *weight = weights + (points - 1) * RULE;
        // A rule is filled up with points of no weight.
        for (int32_t p = 0; p < points; p += TOGETHER)
            add_points(&group, count, values + (int64_t)g * LANES, node + p, weight + p);
        for (int32_t e = 0; e < count; e++) {
            Lanes parts = (group.fits[e] - group.shares[e]) * group.sums[e];
            for (int l = 0; l < LANES; l++)
                contributions[features[first + e * LANES + l] >> 1] += parts[l];
        }
        first += (int64_t)count * LANES;
    }
}

#define PARAMETERS                                                                               \
    const int32_t *features, const float *lowers, const float *uppers, const float *shares,      \
        const float *values, const int32_t *counts, int32_t group_count, const double *nodes,    \
        const double *weights, const float *row, double *contributions
#define ARGUMENTS                                                                                \
    features, lowers, uppers, shares, values, counts, group_count, nodes, weights, row,          \
        contributions

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void explain_avx2(PARAMETERS) { explain(ARGUMENTS); }

__attribute__((target("avx512f,avx512vl,avx512dq"))) static void explain_avx512(PARAMETERS) {
    explain(ARGUMENTS);
}
#endif

void twin_forest_explain(PARAMETERS, bool wide) {
#if defined(__x86_64__)
    if (wide && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq")) {
        explain_avx512(ARGUMENTS);
        return;
    }
    if (wide && __builtin_cpu_supports("avx2")) {
        explain_avx2(ARGUMENTS);
        return;
    }
#endif
    explain(ARGUMENTS);
}
