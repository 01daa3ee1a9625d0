#include "CModelForest.h"

#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, PASSES = 3 };

/// Maps a number to a key of the same order; both zeros have one key.
static uint32_t key_of(float value) {
    float positive_zero = value + 0.0f;
    uint32_t bits;
    memcpy(&bits, &positive_zero, sizeof bits);
    return bits ^ ((bits >> 31) ? 0xFFFFFFFFu : 0x80000000u);
}

static float value_of(uint32_t key) {
    uint32_t bits = key ^ ((key >> 31) ? 0x80000000u : 0xFFFFFFFFu);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/// Sorts `keys`, with `spare` as room; the sorted keys end in `keys`.
static void sort_keys(uint32_t *keys, uint32_t *spare, int32_t count) {
    uint32_t starts[PASSES][DIGITS];
    memset(starts, 0, sizeof starts);
    for (int32_t i = 0; i < count; i++)
        for (int pass = 0; pass < PASSES; pass++)
            starts[pass][(keys[i] >> (pass * DIGIT_BITS)) & (DIGITS - 1)]++;
    uint32_t *from = keys, *to = spare;
    for (int pass = 0; pass < PASSES; pass++) {
        uint32_t start = 0;
        for (int digit = 0; digit < DIGITS; digit++) {
            uint32_t length = starts[pass][digit];
            starts[pass][digit] = start;
            start += length;
        }
        for (int32_t i = 0; i < count; i++)
            to[starts[pass][(from[i] >> (pass * DIGIT_BITS)) & (DIGITS - 1)]++] = from[i];
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    memcpy(keys, from, (size_t)count * sizeof *keys);
}

/// The middle of two numbers that a comparison tells apart: low <= middle < high.
static float middle(float low, float high) {
    float half = low * 0.5f + high * 0.5f;
    return half >= low && half < high ? half : low;
}

/// Cuts sorted keys into bins; equal values are never parted.
static int32_t cut(const uint32_t *keys, int32_t count, int32_t bins_max, float *edges) {
    int32_t distinct = count > 0;
    for (int32_t i = 1; i < count; i++) distinct += keys[i] != keys[i - 1];
    int32_t edge_count = 0, start = 0;
    for (int32_t i = 1; i < count && edge_count < bins_max - 1; i++) {
        if (keys[i] == keys[i - 1]) continue;
        // What is left is shared out evenly, so that one heavy value does not starve the rest.
        int64_t bins_left = bins_max - edge_count;
        bool full = (int64_t)(i - start) * bins_left >= count - start;
        if (distinct > bins_max && !full) continue;
        edges[edge_count++] = middle(value_of(keys[i - 1]), value_of(keys[i]));
        start = i;
    }
    return edge_count;
}

/// The first bin whose edge is not below the value.
static uint8_t bin_of(float value, const float *edges, int32_t edge_count) {
    int32_t low = 0, length = edge_count;
    while (length > 0) {
        int32_t half = length / 2;
        bool above = value > edges[low + half];
        low = above ? low + half + 1 : low;
        length = above ? length - half - 1 : half;
    }
    return (uint8_t)low;
}

int32_t twin_forest_bin(
    const float *rows, int32_t row_count, int32_t feature_count, int32_t feature,
    int32_t bins_max, uint32_t *keys, uint8_t *bins, float *edges) {
    bins += (int64_t)feature * row_count;
    edges += (int64_t)feature * bins_max;
    int32_t present = 0;
    for (int32_t row = 0; row < row_count; row++) {
        float value = rows[(int64_t)row * feature_count + feature];
        keys[present] = key_of(value);
        present += !isnan(value);
    }
    sort_keys(keys, keys + row_count, present);
    int32_t edge_count = cut(keys, present, bins_max, edges);
    for (int32_t row = 0; row < row_count; row++) {
        float value = rows[(int64_t)row * feature_count + feature];
        bins[row] = isnan(value) ? TWIN_FOREST_MISSING : bin_of(value, edges, edge_count);
    }
    return edge_count;
}
