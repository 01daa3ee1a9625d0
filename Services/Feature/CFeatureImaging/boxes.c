#include "CFeatureImaging.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_place(const void *one, const void *other) {
    const double *p = one, *q = other;
    if (p[0] != q[0]) return p[0] < q[0] ? -1 : 1;
    return p[1] < q[1] ? -1 : p[1] > q[1];
}

static double turn(const double *a, const double *b, const double *c) {
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/// The hull of points in a plane, which become sorted; returns how many are on it.
static int64_t flat_hull(double *points, int64_t count, double *hull) {
    qsort(points, (size_t)count, 2 * sizeof *points, by_place);
    int64_t size = 0, floor = 1;
    for (int64_t index = 0; index < 2 * count - 1; index++) {
        // There along the lower side, and back along the upper.
        const double *point = points + 2 * (index < count ? index : 2 * count - 2 - index);
        if (index == count) floor = size;
        while (size > floor && turn(hull + 2 * (size - 2), hull + 2 * (size - 1), point) <= 0)
            size--;
        hull[2 * size] = point[0];
        hull[2 * size + 1] = point[1];
        size++;
    }
    return size > 1 ? size - 1 : size;
}

/// The least rectangle around a hull: one of its sides lies along an edge.
static double least_rectangle(const double *hull, int64_t count, double *sides) {
    double least = INFINITY;
    for (int64_t edge = 0; edge < count; edge++) {
        const double *a = hull + 2 * edge, *b = hull + 2 * ((edge + 1) % count);
        double x = b[0] - a[0], y = b[1] - a[1], length = hypot(x, y);
        if (length == 0) continue;
        x /= length;
        y /= length;
        double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
        for (int64_t index = 0; index < count; index++) {
            const double *p = hull + 2 * index;
            double places[2] = {p[0] * x + p[1] * y, p[1] * x - p[0] * y};
            for (int axis = 0; axis < 2; axis++) {
                low[axis] = fmin(low[axis], places[axis]);
                high[axis] = fmax(high[axis], places[axis]);
            }
        }
        double area = (high[0] - low[0]) * (high[1] - low[1]);
        if (area >= least) continue;
        least = area;
        sides[0] = high[0] - low[0];
        sides[1] = high[1] - low[1];
    }
    return least;
}

double twin_shape_least_box(
    const double *points, int64_t count, const double *normals, int64_t normal_count,
    double *sides, double *scratch) {
    double least = INFINITY;
    double *flat = scratch, *hull = scratch + 2 * count;
    for (int64_t index = 0; index < normal_count; index++) {
        const double *n = normals + 3 * index;
        double u[3] = {0}, v[3];
        // Across the normal, and not along its greatest part.
        if (fabs(n[0]) < 0.6) {
            u[1] = -n[2];
            u[2] = n[1];
        } else {
            u[0] = -n[1];
            u[1] = n[0];
        }
        double length = sqrt(u[0] * u[0] + u[1] * u[1] + u[2] * u[2]);
        for (int axis = 0; axis < 3; axis++) u[axis] /= length;
        for (int axis = 0; axis < 3; axis++) {
            int next = (axis + 1) % 3, last = (axis + 2) % 3;
            v[axis] = n[next] * u[last] - n[last] * u[next];
        }
        double low = INFINITY, high = -INFINITY, own[2] = {0};
        for (int64_t place = 0; place < count; place++) {
            const double *p = points + 3 * place;
            double along = p[0] * n[0] + p[1] * n[1] + p[2] * n[2];
            low = fmin(low, along);
            high = fmax(high, along);
            flat[2 * place] = p[0] * u[0] + p[1] * u[1] + p[2] * u[2];
            flat[2 * place + 1] = p[0] * v[0] + p[1] * v[1] + p[2] * v[2];
        }
        double volume = (high - low) * least_rectangle(hull, flat_hull(flat, count, hull), own);
        if (volume >= least) continue;
        least = volume;
        sides[0] = high - low;
        memcpy(sides + 1, own, sizeof own);
    }
    return least;
}
