#ifndef CFEATUREIMAGING_H
#define CFEATUREIMAGING_H

#include <stdint.h>

// The loops over voxels of the imaging features.
//
// The Swift room beside it owns all memory, checks every size before it calls, and is the only
// caller. A box is padded: one voxel of outside lies around it, so that a neighbour is always
// there. Voxels lie x first, then y, then z. Levels are 1 and up, 0 is outside.

/// The sides of a box, its padding included.
typedef struct {
    int64_t x, y, z;
} TwinBox;

/// Slices of a box, from `first` up to and without `end`.
typedef struct {
    const uint16_t *levels;
    TwinBox box;
    int64_t first, end;
} TwinSlab;

// Elementary functions, so that the Swift room needs no other library.
double twin_image_log2(double value);
double twin_image_cos(double value);
double twin_image_exp(double value);
double twin_image_power(double value, double exponent);

// Texture matrices. All of them add to what is there.

/// Pairs of levels `step` apart: counts[level * (level_count + 1) + other], 0 being outside.
void twin_texture_pairs(TwinSlab slab, int64_t step, int64_t level_count, uint32_t *counts);
/// Runs of one level along `step`: counts[(level - 1) * length_max + length - 1].
void twin_texture_runs(TwinSlab slab, int64_t step, int64_t length_max, uint32_t *counts);
/// Dependences, counts[(level - 1) * (offset_count + 1) + like neighbours]; differences from the
/// mean of the neighbours, difference_sums[level - 1]; voxels with neighbours, with_neighbours.
/// `scratch` holds 3 * box.x numbers.
void twin_texture_neighbours(
    TwinSlab slab, const int64_t *offsets, int64_t offset_count, int32_t coarseness,
    uint32_t *counts, double *difference_sums, uint32_t *with_neighbours, uint16_t *scratch);

/// City-block distance to the outside within slices (2 axes) or in space (3); `mask` and
/// `distance` are padded.
void twin_texture_distance(
    const uint8_t *mask, TwinBox box, int32_t axis_count, uint16_t *distance);

typedef struct {
    /// One number for each voxel of the box: scratch.
    int32_t *parents;
    int32_t *sizes;
    uint16_t *nearest;
    /// sizes_small[(level - 1) * small_max + size - 1], for zones of at most `small_max` voxels.
    uint32_t *small;
    int64_t small_max;
    /// Level and size of each larger zone; `large_count` of them.
    int64_t *large;
    int64_t large_count;
    /// distances[(level - 1) * distance_max + distance - 1].
    uint32_t *distances;
    int64_t distance_max;
} TwinZones;

/// Zones of one level, voxels being neighbours by the `offsets` (those that come before).
void twin_texture_zones(
    TwinSlab slab, const int64_t *offsets, int64_t offset_count, const uint16_t *distance,
    TwinZones *zones);

// Shape.

/// How often the eight corners of a cell look so (bit x + 2y + 4z), and the sums of the places of
/// those cells; `sums` holds three numbers for each of the 256.
void twin_shape_cells(const uint8_t *mask, TwinBox box, int64_t *counts, int64_t *sums);
/// The corners of the surface's mesh that may lie on its hull, in half voxels; returns how many.
/// There is room for 8 * box.y * box.z of them, and for 16 * box.y numbers in `scratch`.
int64_t twin_shape_corners(const uint8_t *mask, TwinBox box, int32_t *points, int32_t *scratch);
/// The triangles of the convex hull of points that do not lie in one plane; at most 2 * count of
/// them. Returns how many, -1 where there is no memory.
int64_t twin_shape_hull(const int32_t *points, int64_t count, int32_t *triangles);
/// The greatest distance of two points.
double twin_shape_diameter(const double *points, int64_t count);
/// The least volume of a box that has a side along one of the normals; `sides` become its sides.
double twin_shape_least_box(
    const double *points, int64_t count, const double *normals, int64_t normal_count,
    double *sides, double *scratch);
/// The matrix (xx, xy, xz, yy, yz, zz) of the least ellipsoid around the points: of (p - c)' M
/// (p - c) <= 1. `weights` is scratch for `count` numbers.
void twin_shape_ellipsoid(
    const double *points, int64_t count, double tolerance, int32_t round_max, double *weights,
    double *matrix);
/// Count, sums of x, y, z, of their products (xx, xy, xz, yy, yz, zz), of the values, and of value
/// times x, y, z: 14 numbers.
void twin_shape_moments(
    const uint8_t *mask, const float *values, TwinBox box, double *moments);

// Intensities.

/// Sorts numbers that are not NaN; `scratch` is as long.
void twin_values_sort(float *values, int64_t count, float *scratch);
/// Of sorted values about a centre: sums of the powers 2, 3, 4, of the absolute difference, and of
/// the squares of the values.
void twin_values_powers(const float *values, int64_t count, double centre, double *sums);
/// The mean in a ball around voxels of the mask: the greatest, and that of the brightest voxel.
/// `image` is all of the image, from which the box (without padding) begins at `start`.
void twin_values_peak(
    const float *image, TwinBox image_sides, const uint8_t *mask, TwinBox mask_sides,
    TwinBox start, const double *spacing, double radius, double *scratch, double *greatest,
    double *brightest);
/// Over all ordered pairs of different voxels of the mask, weighted by their inverse distance: of
/// the weights, of the products of the values, and of the squares of the first.
/// Returns 0 where there is no memory.
int32_t twin_values_pair_sums(
    const float *values, double mean, const uint8_t *mask, TwinBox sides, const double *spacing,
    double *sums);

// Preparation.

/// One axis of a resampling: `tap_count` weights for each of the new places.
typedef struct {
    const int32_t *starts;
    const double *weights;
    int64_t tap_count;
    int64_t old_count, new_count;
} TwinTaps;

/// Resamples along one axis (0 x, 1 y, 2 z); `old_sides` are those before. Unpadded.
void twin_image_resample(
    const float *values, TwinBox old_sides, int32_t axis, TwinTaps taps, float *out);
/// Turns values into the coefficients of a cubic spline along one axis, mirrored at the ends.
void twin_image_spline(float *values, TwinBox sides, int32_t axis, double *scratch);
/// Rounds to the nearest whole number, halves to even.
void twin_image_round(float *values, int64_t count);
/// 1 + floor((value - low) * scale), at least 1 and at most `level_max`, where the mask is set.
void twin_image_levels(
    const float *values, const uint8_t *mask, int64_t count, double low, double scale,
    int32_t level_max, uint16_t *levels);

#endif
