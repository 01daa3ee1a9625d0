#include "CFeatureImaging.h"

static int32_t root(int32_t *parents, int32_t place) {
    while (parents[place] != place) {
        parents[place] = parents[parents[place]];
        place = parents[place];
    }
    return place;
}

/// Gives each voxel of a level the zone of its like neighbours that come before it.
static void join(
    TwinSlab slab, const int64_t *offsets, int64_t offset_count, int32_t *parents) {
    TwinBox box = slab.box;
    for (int64_t z = slab.first; z < slab.end; z++) {
        for (int64_t y = 1; y < box.y - 1; y++) {
            int64_t start = box.x * (y + box.y * z);
            for (int64_t place = start + 1; place < start + box.x - 1; place++) {
                uint16_t level = slab.levels[place];
                if (!level) continue;
                int32_t own = (int32_t)place;
                parents[place] = own;
                for (int64_t index = 0; index < offset_count; index++) {
                    int64_t other = place + offsets[index];
                    if (slab.levels[other] != level) continue;
                    int32_t joined = root(parents, (int32_t)other);
                    if (joined == own) continue;
                    if (joined < own) {
                        parents[own] = joined;
                        own = joined;
                    } else {
                        parents[joined] = own;
                    }
                }
            }
        }
    }
}

/// How large each zone is, and how near to the outside.
static void measure(TwinSlab slab, const uint16_t *distance, TwinZones *zones) {
    TwinBox box = slab.box;
    int64_t end = box.x * box.y * slab.end;
    for (int64_t place = box.x * box.y * slab.first; place < end; place++) {
        if (!slab.levels[place]) continue;
        int32_t zone = root(zones->parents, (int32_t)place);
        // The root is the first voxel of its zone: it comes before all others.
        if (zone == place) {
            zones->sizes[place] = 1;
            zones->nearest[place] = distance[place];
            continue;
        }
        zones->sizes[zone]++;
        if (distance[place] < zones->nearest[zone]) zones->nearest[zone] = distance[place];
    }
}

void twin_texture_zones(
    TwinSlab slab, const int64_t *offsets, int64_t offset_count, const uint16_t *distance,
    TwinZones *zones) {
    TwinBox box = slab.box;
    join(slab, offsets, offset_count, zones->parents);
    measure(slab, distance, zones);
    int64_t end = box.x * box.y * slab.end;
    for (int64_t place = box.x * box.y * slab.first; place < end; place++) {
        int64_t level = slab.levels[place];
        if (!level || zones->parents[place] != place) continue;
        int64_t size = zones->sizes[place];
        zones->distances[(level - 1) * zones->distance_max + zones->nearest[place] - 1]++;
        if (size <= zones->small_max) {
            zones->small[(level - 1) * zones->small_max + size - 1]++;
        } else {
            zones->large[2 * zones->large_count] = level;
            zones->large[2 * zones->large_count + 1] = size;
            zones->large_count++;
        }
    }
}
