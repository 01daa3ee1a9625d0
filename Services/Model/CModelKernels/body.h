// The loops of one level. The file that includes this defines LANES (floats in a vector),
// TILE_ROWS and TILE_VECTORS (what a tile holds in registers), LEVEL, FUSED and, where functions
// need one, TARGET.

#include "levels.h"

#include <stdbool.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF
// Vectors wider than the level's registers never leave this file: all that take them are inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#ifdef TARGET
#define LOOP static __attribute__((target(TARGET)))
#else
#define LOOP static
#endif
#define INLINE LOOP inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

enum {
    PANEL_VECTORS = TWIN_PANEL / LANES,
    /// Vectors that one row is worked on at once, so that their sums do not wait for each other.
    WIDE_VECTORS = 8,
    WIDE_PANELS = WIDE_VECTORS / PANEL_VECTORS,
    WIDE = WIDE_PANELS * TWIN_PANEL,
    /// Rows that share a panel while it is in the cache.
    BLOCK_ROWS = 48,
    BLOCK_SUMS = 16,
    /// A row's inputs are listed where this part of them is 0, and if they are not too many.
    LISTED_SHARE = 8,
    LISTED_MAX = 4096,
    SUM_LANES = 8,
};

typedef float floats __attribute__((ext_vector_type(LANES)));
typedef int32_t ints __attribute__((ext_vector_type(LANES)));
typedef float narrow __attribute__((ext_vector_type(SUM_LANES)));
typedef double doubles __attribute__((ext_vector_type(SUM_LANES)));
typedef int64_t longs __attribute__((ext_vector_type(SUM_LANES)));

#if FUSED
#define FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#else
#define FMA(a, b, c) ((a) * (b) + (c))
#endif

#define PICK(mask, yes, no)                                                                       \
    ((__typeof__(yes))(((mask) & (__typeof__(mask))(yes)) | (~(mask) & (__typeof__(mask))(no))))

INLINE floats load(const float *from) {
    floats value;
    memcpy(&value, from, sizeof value);
    return value;
}

INLINE void store(float *to, floats value) { memcpy(to, &value, sizeof value); }

INLINE doubles load_doubles(const double *from) {
    doubles value;
    memcpy(&value, from, sizeof value);
    return value;
}

INLINE doubles widen(const float *from) {
    narrow value;
    memcpy(&value, from, sizeof value);
    return __builtin_convertvector(value, doubles);
}

// Functions of vectors. NaN stays NaN.

/// e to the power of x, within one unit in the last place.
INLINE floats exponential(floats x) {
    x = PICK(x < (floats)-104.0f, (floats)-104.0f, x);
    x = PICK(x > (floats)89.0f, (floats)89.0f, x);
    // Adding 1.5 x 2^23 rounds to a whole number, and leaves it in the lowest bits.
    const floats magic = (floats)12582912.0f;
    floats shifted = FMA(x, (floats)1.44269504088896341f, magic);
    ints power = (ints)shifted - (ints)magic;
    floats whole = shifted - magic;
    floats rest = FMA(whole, (floats)-0.693359375f, x);
    rest = FMA(whole, (floats)2.12194440e-4f, rest);
    floats sum = (floats)1.9875691500e-4f;
    sum = FMA(sum, rest, (floats)1.3981999507e-3f);
    sum = FMA(sum, rest, (floats)8.3334519073e-3f);
    sum = FMA(sum, rest, (floats)4.1665795894e-2f);
    sum = FMA(sum, rest, (floats)1.6666665459e-1f);
    sum = FMA(sum, rest, (floats)5.0000001201e-1f);
    sum = FMA(sum, rest * rest, rest) + 1.0f;
    // In two steps, because the smallest results are not normal numbers.
    ints half = power >> 1;
    floats first = (floats)((half + 127) << 23), second = (floats)((power - half + 127) << 23);
    return sum * first * second;
}

INLINE floats magnitude(floats x) { return (floats)((ints)x & INT32_MAX); }

/// The logistic function, within about two units in the last place.
INLINE floats logistic(floats x) {
    floats tail = exponential(-magnitude(x));
    floats top = PICK(x < (floats)0.0f, tail, (floats)1.0f);
    return top / (tail + 1.0f);
}

/// The hyperbolic tangent, within two units in the last place.
INLINE floats tangent(floats x) {
    floats size = magnitude(x), square = x * x;
    floats sum = (floats)-5.70498872745e-3f;
    sum = FMA(sum, square, (floats)2.06390887954e-2f);
    sum = FMA(sum, square, (floats)-5.37397155531e-2f);
    sum = FMA(sum, square, (floats)1.33314422036e-1f);
    sum = FMA(sum, square, (floats)-3.33332819422e-1f);
    floats near = FMA(sum * square, x, x);
    floats far = 1.0f - 2.0f / (exponential(size + size) + 1.0f);
    far = (floats)((ints)far | ((ints)x & INT32_MIN));
    return PICK(size < (floats)0.625f, near, far);
}

LOOP void map(int32_t kind, const float *values, int64_t count, float *out) {
    for (int64_t first = 0; first < count; first += LANES) {
        int64_t here = count - first < LANES ? count - first : LANES;
        floats x = (floats)0.0f;
        if (here == LANES)
            x = load(values + first);
        else
            memcpy(&x, values + first, (size_t)here * sizeof(float));
        floats y = kind == TWIN_MAP_EXP    ? exponential(x)
                   : kind == TWIN_MAP_TANH ? tangent(x)
                                           : logistic(x);
        memcpy(out + first, &y, (size_t)here * sizeof(float));
    }
}

#include "tiles.h"

#include "uses.h"

#include "solver.h"

const TwinLevel LEVEL = {kernel_rows, kernel_sums, dense, map, solver_move, solver_partner};
