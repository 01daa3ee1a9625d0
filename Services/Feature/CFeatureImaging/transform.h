// Fourier transforms of one level of machine. The file that includes this defines LANES (doubles
// in a vector), TRANSFORM (its name) and, where functions need one, TARGET.

#include "spectra.h"

#include <string.h>

#pragma clang diagnostic ignored "-Wpsabi"

#ifdef TARGET
#define LOOP __attribute__((target(TARGET)))
#else
#define LOOP
#endif
#define INLINE static inline LOOP __attribute__((always_inline))

typedef double lanes __attribute__((ext_vector_type(LANES)));
/// A complex number in each lane.
typedef struct {
    lanes re, im;
} Pair;

INLINE Pair load(const double *place, int part) {
    Pair value;
    memcpy(&value.re, place + part * LANES, sizeof value.re);
    memcpy(&value.im, place + TWIN_SPECTRA + part * LANES, sizeof value.im);
    return value;
}

INLINE void store(double *place, int part, Pair value) {
    memcpy(place + part * LANES, &value.re, sizeof value.re);
    memcpy(place + TWIN_SPECTRA + part * LANES, &value.im, sizeof value.im);
}

INLINE Pair add(Pair a, Pair b) { return (Pair){a.re + b.re, a.im + b.im}; }
INLINE Pair subtract(Pair a, Pair b) { return (Pair){a.re - b.re, a.im - b.im}; }
INLINE Pair scale(Pair a, double by) { return (Pair){a.re * by, a.im * by}; }
/// Times minus i.
INLINE Pair turn(Pair a) { return (Pair){a.im, -a.re}; }
INLINE Pair spin(Pair a, double re, double im) {
    return (Pair){a.re * re - a.im * im, a.re * im + a.im * re};
}

INLINE void two(Pair *a) {
    Pair sum = add(a[0], a[1]);
    a[1] = subtract(a[0], a[1]);
    a[0] = sum;
}

INLINE void three(Pair *a) {
    Pair sum = add(a[1], a[2]);
    Pair apart = turn(scale(subtract(a[1], a[2]), 0.86602540378443864676));
    Pair middle = subtract(a[0], scale(sum, 0.5));
    a[0] = add(a[0], sum);
    a[1] = add(middle, apart);
    a[2] = subtract(middle, apart);
}

INLINE void four(Pair *a) {
    Pair even = add(a[0], a[2]), odd = add(a[1], a[3]);
    Pair other_even = subtract(a[0], a[2]), other_odd = turn(subtract(a[1], a[3]));
    a[0] = add(even, odd);
    a[1] = add(other_even, other_odd);
    a[2] = subtract(even, odd);
    a[3] = subtract(other_even, other_odd);
}

INLINE void five(Pair *a) {
    const double c1 = 0.30901699437494742410, c2 = -0.80901699437494742410;
    const double s1 = 0.95105651629515357212, s2 = 0.58778525229247312917;
    Pair near = add(a[1], a[4]), far = add(a[2], a[3]);
    Pair near_turned = turn(subtract(a[1], a[4])), far_turned = turn(subtract(a[2], a[3]));
    Pair first = add(a[0], add(scale(near, c1), scale(far, c2)));
    Pair second = add(a[0], add(scale(near, c2), scale(far, c1)));
    Pair first_side = add(scale(near_turned, s1), scale(far_turned, s2));
    Pair second_side = subtract(scale(near_turned, s2), scale(far_turned, s1));
    a[0] = add(a[0], add(near, far));
    a[1] = add(first, first_side);
    a[4] = subtract(first, first_side);
    a[2] = add(second, second_side);
    a[3] = subtract(second, second_side);
}

/// One step of Stockham's way: lengths of `length`, `stride` of them side by side.
INLINE void step(
    const TwinPlan *plan, const int radix, int64_t length, int64_t stride, const double *from,
    double *to) {
    int64_t part_length = length / radix;
    for (int64_t p = 0; p < part_length; p++) {
        for (int64_t q = 0; q < stride; q++) {
            for (int part = 0; part < TWIN_SPECTRA / LANES; part++) {
                Pair a[5];
#pragma clang loop unroll(full)
                for (int j = 0; j < radix; j++)
                    a[j] = load(from + TWIN_PLACE * (q + stride * (p + j * part_length)), part);
                if (radix == 2) two(a);
                if (radix == 3) three(a);
                if (radix == 4) four(a);
                if (radix == 5) five(a);
#pragma clang loop unroll(full)
                for (int j = 0; j < radix; j++) {
                    int64_t root = p * j * stride;
                    Pair spun = j ? spin(a[j], plan->cosines[root], plan->sines[root]) : a[j];
                    store(to + TWIN_PLACE * (q + stride * (radix * p + j)), part, spun);
                }
            }
        }
    }
}

LOOP double *TRANSFORM(const TwinPlan *plan, double *data, double *work) {
    int64_t length = plan->length, stride = 1;
    for (int32_t index = 0; index < plan->radix_count; index++) {
        int radix = plan->radices[index];
        if (radix == 2) step(plan, 2, length, stride, data, work);
        if (radix == 3) step(plan, 3, length, stride, data, work);
        if (radix == 4) step(plan, 4, length, stride, data, work);
        if (radix == 5) step(plan, 5, length, stride, data, work);
        double *swap = data;
        data = work;
        work = swap;
        length /= radix;
        stride *= radix;
    }
    return data;
}
