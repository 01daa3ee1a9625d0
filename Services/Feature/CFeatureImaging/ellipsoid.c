#include "CFeatureImaging.h"

#include <math.h>

/// Turns a symmetric matrix into its inverse, by Gauss and Jordan with the largest pivot.
static int invert(int size, double *matrix) {
    double work[4][8] = {{0}};
    for (int row = 0; row < size; row++) {
        for (int column = 0; column < size; column++) work[row][column] = matrix[row * size + column];
        work[row][size + row] = 1;
    }
    for (int step = 0; step < size; step++) {
        int pivot = step;
        for (int row = step; row < size; row++)
            if (fabs(work[row][step]) > fabs(work[pivot][step])) pivot = row;
        if (work[pivot][step] == 0) return 0;
        for (int column = 0; column < 2 * size; column++) {
            double swap = work[step][column];
            work[step][column] = work[pivot][column];
            work[pivot][column] = swap;
        }
        double scale = 1 / work[step][step];
        for (int column = 0; column < 2 * size; column++) work[step][column] *= scale;
        for (int row = 0; row < size; row++) {
            double factor = work[row][step];
            if (row == step || factor == 0) continue;
            for (int column = 0; column < 2 * size; column++)
                work[row][column] -= factor * work[step][column];
        }
    }
    for (int row = 0; row < size; row++)
        for (int column = 0; column < size; column++)
            matrix[row * size + column] = work[row][size + column];
    return 1;
}

/// The sum of the weighted squares of the points, each with a fourth coordinate of one.
static void gather(const double *points, int64_t count, const double *weights, double *sums) {
    for (int index = 0; index < 16; index++) sums[index] = 0;
    for (int64_t place = 0; place < count; place++) {
        if (weights[place] == 0) continue;
        double q[4] = {points[3 * place], points[3 * place + 1], points[3 * place + 2], 1};
        for (int row = 0; row < 4; row++)
            for (int column = 0; column < 4; column++)
                sums[row * 4 + column] += weights[place] * q[row] * q[column];
    }
}

static double reach(const double *inverse, const double *point) {
    double q[4] = {point[0], point[1], point[2], 1}, sum = 0;
    for (int row = 0; row < 4; row++)
        for (int column = 0; column < 4; column++)
            sum += q[row] * inverse[row * 4 + column] * q[column];
    return sum;
}

/// The ellipsoid of the weights: its inverse covariance over the dimension.
static void finish(const double *points, int64_t count, const double *weights, double *matrix) {
    double sums[16], spread[9];
    gather(points, count, weights, sums);
    for (int row = 0; row < 3; row++)
        for (int column = 0; column < 3; column++)
            spread[row * 3 + column] =
                3 * (sums[row * 4 + column] - sums[row * 4 + 3] * sums[column * 4 + 3]);
    if (!invert(3, spread)) {
        for (int index = 0; index < 6; index++) matrix[index] = NAN;
        return;
    }
    double parts[6] = {spread[0], spread[1], spread[2], spread[4], spread[5], spread[8]};
    for (int index = 0; index < 6; index++) matrix[index] = parts[index];
}

// Khachiyan's way, with steps away from points that weigh too much.
void twin_shape_ellipsoid(
    const double *points, int64_t count, double tolerance, int32_t round_max, double *weights,
    double *matrix) {
    for (int64_t place = 0; place < count; place++) weights[place] = 1 / (double)count;
    for (int32_t round = 0; round < round_max; round++) {
        double inverse[16];
        gather(points, count, weights, inverse);
        if (!invert(4, inverse)) break;
        int64_t far = 0, near = -1;
        double most = -INFINITY, least = INFINITY;
        for (int64_t place = 0; place < count; place++) {
            double own = reach(inverse, points + 3 * place);
            if (own > most) {
                most = own;
                far = place;
            }
            if (weights[place] > 0 && own < least) {
                least = own;
                near = place;
            }
        }
        if (most <= 4 * (1 + tolerance) && least >= 4 * (1 - tolerance)) break;
        int64_t chosen = most - 4 >= 4 - least ? far : near;
        double own = chosen == far ? most : least, step = (own - 4) / (4 * (own - 1));
        double floor = -weights[chosen] / (1 - weights[chosen]);
        if (step < floor) step = floor;
        for (int64_t place = 0; place < count; place++) weights[place] *= 1 - step;
        weights[chosen] += step;
        if (weights[chosen] < 1e-15) weights[chosen] = 0;
    }
    finish(points, count, weights, matrix);
}
