#include "CFeatureImaging.h"

#include <math.h>
#include <string.h>

double twin_image_log2(double value) { return log2(value); }
double twin_image_cos(double value) { return cos(value); }
double twin_image_exp(double value) { return exp(value); }
double twin_image_power(double value, double exponent) { return pow(value, exponent); }

/// Bits that sort as the numbers do.
static uint32_t rank_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

void twin_values_sort(float *values, int64_t count, float *scratch) {
    static const int shifts[3] = {0, 11, 22};
    float *from = values, *to = scratch;
    for (int pass = 0; pass < 3; pass++) {
        int64_t places[2048] = {0};
        for (int64_t index = 0; index < count; index++)
            places[rank_of(from[index]) >> shifts[pass] & 2047]++;
        int64_t start = 0;
        for (int bucket = 0; bucket < 2048; bucket++) {
            int64_t size = places[bucket];
            places[bucket] = start;
            start += size;
        }
        for (int64_t index = 0; index < count; index++)
            to[places[rank_of(from[index]) >> shifts[pass] & 2047]++] = from[index];
        float *swap = from;
        from = to;
        to = swap;
    }
    memcpy(values, from, sizeof *values * (size_t)count);
}

void twin_values_powers(const float *values, int64_t count, double centre, double *sums) {
    double second = 0, third = 0, fourth = 0, apart = 0, energy = 0;
    for (int64_t index = 0; index < count; index++) {
        double value = values[index], away = value - centre, square = away * away;
        second += square;
        third += square * away;
        fourth += square * square;
        apart += fabs(away);
        energy += value * value;
    }
    sums[0] = second;
    sums[1] = third;
    sums[2] = fourth;
    sums[3] = apart;
    sums[4] = energy;
}

/// Adds to each voxel of a row the sum and the count of a stretch of another row around it, from
/// the other row's running sums.
static void add_stretches(
    const double *running, int64_t side, int64_t start, int64_t count, int64_t reach, double *sums,
    double *counts) {
    int64_t inner = reach - start, inner_end = side - reach - start;
    if (inner < 0) inner = 0;
    if (inner_end > count) inner_end = count;
    const double *low_end = running + start - reach, *high_end = running + start + reach + 1;
    double whole = (double)(2 * reach + 1);
    for (int64_t x = inner; x < inner_end; x++) sums[x] += high_end[x] - low_end[x];
    for (int64_t x = inner; x < inner_end; x++) counts[x] += whole;
    for (int64_t x = 0; x < count; x++) {
        if (x >= inner && x < inner_end) continue;
        int64_t low = start + x - reach, high = start + x + reach + 1;
        if (low < 0) low = 0;
        if (high > side) high = side;
        sums[x] += running[high] - running[low];
        counts[x] += (double)(high - low);
    }
}

/// The reach of a ball in x, `steps` being how far off the row is in y and z; -1 for none.
static int64_t ball_reach(const double *spacing, double radius, int64_t y, int64_t z) {
    double left = radius * radius - (double)(y * y) * spacing[1] * spacing[1]
        - (double)(z * z) * spacing[2] * spacing[2];
    return left < 0 ? -1 : (int64_t)floor(sqrt(left) / spacing[0] + 1e-9);
}

/// The sums and counts of the balls around a row of the mask's box.
static void sum_balls(
    const double *running, TwinBox sides, TwinBox place, int64_t count, const double *spacing,
    double radius, double *sums, double *counts) {
    memset(sums, 0, sizeof *sums * (size_t)count);
    memset(counts, 0, sizeof *counts * (size_t)count);
    int64_t far_z = (int64_t)(radius / spacing[2]), far_y = (int64_t)(radius / spacing[1]);
    for (int64_t z = -far_z; z <= far_z; z++) {
        if (place.z + z < 0 || place.z + z >= sides.z) continue;
        for (int64_t y = -far_y; y <= far_y; y++) {
            int64_t reach = ball_reach(spacing, radius, y, z);
            if (reach < 0 || place.y + y < 0 || place.y + y >= sides.y) continue;
            const double *row = running + (sides.x + 1) * (place.y + y + sides.y * (place.z + z));
            add_stretches(row, sides.x, place.x, count, reach, sums, counts);
        }
    }
}

void twin_values_peak(
    const float *image, TwinBox image_sides, const uint8_t *mask, TwinBox mask_sides,
    TwinBox start, const double *spacing, double radius, double *scratch, double *greatest,
    double *brightest) {
    double *running = scratch;
    double *sums = running + (image_sides.x + 1) * image_sides.y * image_sides.z;
    double *counts = sums + mask_sides.x;
    for (int64_t row = 0; row < image_sides.y * image_sides.z; row++) {
        double *out = running + (image_sides.x + 1) * row;
        out[0] = 0;
        for (int64_t x = 0; x < image_sides.x; x++)
            out[x + 1] = out[x] + image[image_sides.x * row + x];
    }
    float top = -INFINITY;
    *greatest = *brightest = -INFINITY;
    for (int64_t z = 0; z < mask_sides.z; z++) {
        for (int64_t y = 0; y < mask_sides.y; y++) {
            const uint8_t *row = mask + mask_sides.x * (y + mask_sides.y * z);
            if (!memchr(row, 1, (size_t)mask_sides.x)) continue;
            TwinBox place = {start.x, start.y + y, start.z + z};
            sum_balls(running, image_sides, place, mask_sides.x, spacing, radius, sums, counts);
            int64_t own_row = start.x + image_sides.x * (place.y + image_sides.y * place.z);
            for (int64_t x = 0; x < mask_sides.x; x++) {
                if (!row[x]) continue;
                double mean = sums[x] / counts[x];
                if (mean > *greatest) *greatest = mean;
                float own = image[own_row + x];
                if (own > top || (own == top && mean > *brightest)) {
                    top = own;
                    *brightest = mean;
                }
            }
        }
    }
}
