#include "CFeatureImaging.h"

#include <string.h>

/// The first voxel of a row that is not padding.
static int64_t row_start(TwinBox box, int64_t y, int64_t z) { return 1 + box.x * (y + box.y * z); }

void twin_texture_pairs(TwinSlab slab, int64_t step, int64_t level_count, uint32_t *counts) {
    TwinBox box = slab.box;
    int64_t width = level_count + 1;
    for (int64_t z = slab.first; z < slab.end; z++) {
        for (int64_t y = 1; y < box.y - 1; y++) {
            const uint16_t *row = slab.levels + row_start(box, y, z);
            const uint16_t *other = row + step;
            for (int64_t x = 0; x < box.x - 2; x++)
                if (row[x]) counts[row[x] * width + other[x]]++;
        }
    }
}

void twin_texture_runs(TwinSlab slab, int64_t step, int64_t length_max, uint32_t *counts) {
    TwinBox box = slab.box;
    for (int64_t z = slab.first; z < slab.end; z++) {
        for (int64_t y = 1; y < box.y - 1; y++) {
            const uint16_t *row = slab.levels + row_start(box, y, z);
            for (int64_t x = 0; x < box.x - 2; x++) {
                uint16_t level = row[x];
                if (!level || row[x - step] == level) continue;
                const uint16_t *place = row + x + step;
                int64_t length = 1;
                for (; *place == level; place += step) length++;
                counts[(level - 1) * length_max + length - 1]++;
            }
        }
    }
}

/// What lies around each voxel of a row: like neighbours, the sum of levels, and how many.
static void look_around(
    const uint16_t *row, int64_t count, const int64_t *offsets, int64_t offset_count,
    int32_t coarseness, uint16_t *like, uint16_t *near, uint32_t *sums) {
    memset(like, 0, sizeof *like * (size_t)count);
    memset(near, 0, sizeof *near * (size_t)count);
    memset(sums, 0, sizeof *sums * (size_t)count);
    for (int64_t index = 0; index < offset_count; index++) {
        const uint16_t *other = row + offsets[index];
        if (coarseness == 0) {
            for (int64_t x = 0; x < count; x++) like[x] += other[x] == row[x];
        } else {
            for (int64_t x = 0; x < count; x++) {
                int32_t apart = (int32_t)other[x] - (int32_t)row[x];
                like[x] += (other[x] != 0) & (apart <= coarseness) & (-apart <= coarseness);
            }
        }
        for (int64_t x = 0; x < count; x++) near[x] += other[x] != 0;
        for (int64_t x = 0; x < count; x++) sums[x] += other[x];
    }
}

void twin_texture_neighbours(
    TwinSlab slab, const int64_t *offsets, int64_t offset_count, int32_t coarseness,
    uint32_t *counts, double *difference_sums, uint32_t *with_neighbours, uint16_t *scratch) {
    TwinBox box = slab.box;
    int64_t inner = box.x - 2;
    // The sums need two places each, and lie first for their alignment.
    uint32_t *sums = (uint32_t *)(void *)scratch;
    uint16_t *like = scratch + 2 * box.x, *near = scratch + 3 * box.x;
    for (int64_t z = slab.first; z < slab.end; z++) {
        for (int64_t y = 1; y < box.y - 1; y++) {
            const uint16_t *row = slab.levels + row_start(box, y, z);
            look_around(row, inner, offsets, offset_count, coarseness, like, near, sums);
            for (int64_t x = 0; x < inner; x++) {
                int64_t level = row[x];
                if (!level) continue;
                counts[(level - 1) * (offset_count + 1) + like[x]]++;
                if (!near[x]) continue;
                double apart = (double)level - (double)sums[x] / near[x];
                difference_sums[level - 1] += apart < 0 ? -apart : apart;
                with_neighbours[level - 1]++;
            }
        }
    }
}

void twin_texture_distance(
    const uint8_t *mask, TwinBox box, int32_t axis_count, uint16_t *distance) {
    int64_t count = box.x * box.y * box.z, slice = box.x * box.y;
    const int64_t steps[3] = {1, box.x, slice};
    // Whatever lies before or behind the box is outside.
    for (int64_t place = 0; place < count; place++) {
        uint16_t least = UINT16_MAX - 1;
        if (!mask[place]) {
            distance[place] = 0;
            continue;
        }
        for (int32_t axis = 0; axis < axis_count; axis++) {
            uint16_t before = distance[place - steps[axis]];
            if (before < least) least = before;
        }
        distance[place] = least + 1;
    }
    for (int64_t place = count - 1; place >= 0; place--) {
        if (!mask[place]) continue;
        for (int32_t axis = 0; axis < axis_count; axis++) {
            uint16_t behind = distance[place + steps[axis]] + 1;
            if (behind < distance[place]) distance[place] = behind;
        }
    }
}
