#include "CFeatureImaging.h"

#include <math.h>
#include <string.h>

void twin_shape_cells(const uint8_t *mask, TwinBox box, int64_t *counts, int64_t *sums) {
    for (int64_t z = 0; z + 1 < box.z; z++) {
        for (int64_t y = 0; y + 1 < box.y; y++) {
            const uint8_t *row = mask + box.x * (y + box.y * z);
            const uint8_t *next = row + box.x, *above = row + box.x * box.y;
            const uint8_t *both = above + box.x;
            unsigned left = 0;
            for (int64_t x = 0; x + 1 < box.x; x++) {
                unsigned right = (unsigned)row[x + 1] << 1 | (unsigned)next[x + 1] << 3
                    | (unsigned)above[x + 1] << 5 | (unsigned)both[x + 1] << 7;
                unsigned cell = left >> 1 | right;
                left = right;
                if (cell == 0 || cell == 255) continue;
                counts[cell]++;
                sums[3 * cell] += x;
                sums[3 * cell + 1] += y;
                sums[3 * cell + 2] += z;
            }
        }
    }
}

/// The first and last place where two rows differ; 0 where they do not.
static int ends(
    const uint8_t *row, const uint8_t *other, int64_t count, int64_t *first, int64_t *last) {
    for (*first = 0; *first < count && row[*first] == other[*first]; ++*first) {}
    if (*first == count) return 0;
    for (*last = count - 1; row[*last] == other[*last]; --*last) {}
    return 1;
}

static void add_point(int32_t *points, int64_t *count, int64_t x, int64_t y) {
    points[2 * *count] = (int32_t)x;
    points[2 * *count + 1] = (int32_t)y;
    ++*count;
}

/// The mesh's corners on plane `plane` (in half voxels) at the ends of its rows, by y and then x.
static int64_t row_ends(
    const uint8_t *mask, TwinBox box, int64_t plane, int32_t *points) {
    const uint8_t *slice = mask + box.x * box.y * (plane / 2);
    int64_t count = 0, first, last;
    if (plane % 2) {
        for (int64_t y = 0; y < box.y; y++) {
            const uint8_t *row = slice + box.x * y;
            if (!ends(row, row + box.x * box.y, box.x, &first, &last)) continue;
            add_point(points, &count, 2 * first, 2 * y);
            add_point(points, &count, 2 * last, 2 * y);
        }
        return count;
    }
    for (int64_t y = 0; y + 1 < box.y; y++) {
        const uint8_t *row = slice + box.x * y;
        // The first row of a box is outside: what differs from it is inside.
        if (ends(row, mask, box.x, &first, &last)) {
            add_point(points, &count, 2 * first - 1, 2 * y);
            add_point(points, &count, 2 * last + 1, 2 * y);
        }
        if (ends(row, row + box.x, box.x, &first, &last)) {
            add_point(points, &count, 2 * first, 2 * y + 1);
            add_point(points, &count, 2 * last, 2 * y + 1);
        }
    }
    return count;
}

static int64_t turn(const int32_t *a, const int32_t *b, const int32_t *c) {
    return (int64_t)(b[0] - a[0]) * (c[1] - a[1]) - (int64_t)(b[1] - a[1]) * (c[0] - a[0]);
}

/// One side of the hull of points that are sorted by y; returns how many are on it.
static int64_t flank(const int32_t *points, int64_t count, int side, int32_t *hull) {
    int64_t size = 0;
    for (int64_t index = side; index < count; index += 2) {
        const int32_t *point = points + 2 * index;
        while (size >= 2) {
            int64_t way = turn(hull + 2 * (size - 2), hull + 2 * (size - 1), point);
            if (side ? way > 0 : way < 0) break;
            size--;
        }
        hull[2 * size] = point[0];
        hull[2 * size + 1] = point[1];
        size++;
    }
    return size;
}

int64_t twin_shape_corners(const uint8_t *mask, TwinBox box, int32_t *points, int32_t *scratch) {
    int64_t total = 0;
    int32_t *hull = scratch + 8 * box.y;
    for (int64_t plane = 1; plane < 2 * (box.z - 1); plane++) {
        int64_t count = row_ends(mask, box, plane, scratch);
        for (int side = 0; side < 2; side++) {
            int64_t size = flank(scratch, count, side, hull);
            for (int64_t index = 0; index < size; index++) {
                points[3 * total] = hull[2 * index];
                points[3 * total + 1] = hull[2 * index + 1];
                points[3 * total + 2] = (int32_t)plane;
                total++;
            }
        }
    }
    return total;
}

double twin_shape_diameter(const double *points, int64_t count) {
    double most = 0;
    for (int64_t one = 0; one < count; one++) {
        const double *p = points + 3 * one;
        for (int64_t other = one + 1; other < count; other++) {
            const double *q = points + 3 * other;
            double x = p[0] - q[0], y = p[1] - q[1], z = p[2] - q[2];
            double square = x * x + y * y + z * z;
            if (square > most) most = square;
        }
    }
    return sqrt(most);
}

void twin_shape_moments(
    const uint8_t *mask, const float *values, TwinBox box, double *moments) {
    memset(moments, 0, 14 * sizeof *moments);
    for (int64_t z = 0; z < box.z; z++) {
        for (int64_t y = 0; y < box.y; y++) {
            int64_t start = box.x * (y + box.y * z), count = 0, along = 0, squares = 0;
            double sum = 0, lever = 0;
            for (int64_t x = 0; x < box.x; x++) {
                if (!mask[start + x]) continue;
                count++;
                along += x;
                squares += x * x;
                sum += values[start + x];
                lever += values[start + x] * (double)x;
            }
            double n = (double)count, s = (double)along;
            double row[14] = {
                n, s, n * y, n * z, (double)squares, s * y, s * z, n * y * y, n * y * z,
                n * z * z, sum, lever, sum * y, sum * z,
            };
            for (int index = 0; index < 14; index++) moments[index] += row[index];
        }
    }
}
