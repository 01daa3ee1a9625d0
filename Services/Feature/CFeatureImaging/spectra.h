#ifndef TWIN_SPECTRA_H
#define TWIN_SPECTRA_H

#include "CFeatureImaging.h"

enum {
    /// Transforms that run side by side.
    TWIN_SPECTRA = 8,
    /// Numbers of one place of them: the real parts, then the imaginary.
    TWIN_PLACE = 2 * TWIN_SPECTRA,
    TWIN_RADICES_MAX = 40,
};

/// How a transform of one length is done: the factors, and the roots of unity.
typedef struct {
    int64_t length;
    int32_t radix_count;
    int32_t radices[TWIN_RADICES_MAX];
    double *cosines, *sines;
} TwinPlan;

/// Transforms eight lines; the result is in `data` or in `work`, and is returned.
typedef double *TwinTransform(const TwinPlan *plan, double *data, double *work);

TwinTransform twin_transform_plain;
#if defined(__x86_64__)
TwinTransform twin_transform_avx2, twin_transform_avx512;
#endif

#endif
