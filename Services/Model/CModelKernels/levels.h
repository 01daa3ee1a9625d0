#ifndef TWIN_LEVELS_H
#define TWIN_LEVELS_H

#include "CModelKernels.h"

/// The loops of one level.
typedef struct {
    void (*kernel_rows)(
        const TwinPanels *, const float *, const int64_t *, int64_t, float *, const int64_t *);
    void (*kernel_sums)(
        const TwinPanels *, const double *, int64_t, const float *, int64_t, double *);
    void (*dense)(
        const TwinPanels *, const float *, int32_t, const float *, int64_t, int64_t, float *);
    void (*map)(int32_t, const float *, int64_t, float *);
    TwinExtremes (*solver_move)(
        double *, const double *, const double *, const float *, const float *, double, double,
        int64_t);
    TwinHighest (*solver_partner)(
        const double *, const double *, const float *, const double *, double, double, int64_t);
} TwinLevel;

extern const TwinLevel twin_level_plain;
#if defined(__x86_64__)
extern const TwinLevel twin_level_avx2;
extern const TwinLevel twin_level_avx512;
#endif

#endif
