#include "CFeatureImaging.h"

#include <math.h>

static int64_t stride_of(TwinBox sides, int32_t axis) {
    return axis == 0 ? 1 : axis == 1 ? sides.x : sides.x * sides.y;
}

void twin_image_resample(
    const float *values, TwinBox old_sides, int32_t axis, TwinTaps taps, float *out) {
    int64_t inner = stride_of(old_sides, axis);
    int64_t outer = old_sides.x * old_sides.y * old_sides.z / inner / taps.old_count;
    for (int64_t part = 0; part < outer; part++) {
        const float *from = values + part * taps.old_count * inner;
        float *to = out + part * taps.new_count * inner;
        for (int64_t place = 0; place < taps.new_count; place++) {
            const double *weights = taps.weights + place * taps.tap_count;
            for (int64_t x = 0; x < inner; x++) {
                double sum = 0;
                for (int64_t tap = 0; tap < taps.tap_count; tap++) {
                    int64_t source = taps.starts[place] + tap;
                    if (source < 0) source = 0;
                    if (source >= taps.old_count) source = taps.old_count - 1;
                    sum += weights[tap] * from[source * inner + x];
                }
                to[place * inner + x] = (float)sum;
            }
        }
    }
}

/// The recursive filter whose inverse is a cubic B-spline, on one line.
static void filter_line(double *line, int64_t count) {
    if (count == 1) return;
    double pole = sqrt(3) - 2;
    double power = pole, start = line[0];
    double last = pow(pole, (double)(count - 1));
    // Mirrored without repeating the end: the first coefficient is a closed sum.
    double sum = line[0] + last * line[count - 1];
    double other = last * last / pole;
    for (int64_t index = 1; index < count - 1; index++) {
        sum += (power + other) * line[index];
        power *= pole;
        other /= pole;
    }
    start = sum / (1 - last * last);
    line[0] = start;
    for (int64_t index = 1; index < count; index++) line[index] += pole * line[index - 1];
    line[count - 1] =
        (pole / (pole * pole - 1)) * (line[count - 1] + pole * line[count - 2]);
    for (int64_t index = count - 2; index >= 0; index--)
        line[index] = pole * (line[index + 1] - line[index]);
    for (int64_t index = 0; index < count; index++) line[index] *= 6;
}

void twin_image_spline(float *values, TwinBox sides, int32_t axis, double *scratch) {
    int64_t count = axis == 0 ? sides.x : axis == 1 ? sides.y : sides.z;
    int64_t inner = stride_of(sides, axis);
    int64_t outer = sides.x * sides.y * sides.z / inner / count;
    for (int64_t part = 0; part < outer; part++) {
        for (int64_t x = 0; x < inner; x++) {
            float *line = values + part * count * inner + x;
            for (int64_t index = 0; index < count; index++) scratch[index] = line[index * inner];
            filter_line(scratch, count);
            for (int64_t index = 0; index < count; index++)
                line[index * inner] = (float)scratch[index];
        }
    }
}

void twin_image_round(float *values, int64_t count) {
    for (int64_t index = 0; index < count; index++) values[index] = rintf(values[index]);
}

void twin_image_levels(
    const float *values, const uint8_t *mask, int64_t count, double low, double scale,
    int32_t level_max, uint16_t *levels) {
    for (int64_t index = 0; index < count; index++) {
        levels[index] = 0;
        if (!mask[index]) continue;
        double level = floor(((double)values[index] - low) * scale) + 1;
        levels[index] = (uint16_t)(level < 1 ? 1 : level > level_max ? level_max : level);
    }
}
