#include "CTwinWaveform.h"

#include <string.h>

static size_t packed_size(size_t count, unsigned width) { return (count * width + 7) / 8; }

size_t twin_waveform_bound(size_t count) {
    size_t groups = (count + TWIN_WAVEFORM_GROUP - 1) / TWIN_WAVEFORM_GROUP;
    return groups + count * 4;
}

static uint32_t zigzag(uint32_t value) { return (value << 1) ^ (0u - (value >> 31)); }

static uint32_t unzigzag(uint32_t value) { return (value >> 1) ^ (0u - (value & 1)); }

static size_t pack_group(const uint32_t *values, size_t count, unsigned width, uint8_t *bytes) {
    uint64_t held = 0;
    unsigned bits = 0;
    size_t size = 0;
    for (size_t index = 0; index < count; index++) {
        held |= (uint64_t)values[index] << bits;
        bits += width;
        while (bits >= 8) {
            bytes[size++] = (uint8_t)held;
            held >>= 8;
            bits -= 8;
        }
    }
    if (bits > 0) bytes[size++] = (uint8_t)held;
    return size;
}

size_t twin_waveform_pack(const int32_t *samples, size_t count, int order, uint8_t *bytes) {
    uint32_t last = 0, slope = 0, values[TWIN_WAVEFORM_GROUP];
    size_t size = 0;
    for (size_t start = 0; start < count; start += TWIN_WAVEFORM_GROUP) {
        size_t length = count - start < TWIN_WAVEFORM_GROUP ? count - start : TWIN_WAVEFORM_GROUP;
        uint32_t all = 0;
        for (size_t index = 0; index < length; index++) {
            uint32_t sample = (uint32_t)samples[start + index];
            uint32_t difference = order == 0 ? sample : sample - last;
            uint32_t value = order == 2 ? difference - slope : difference;
            last = sample;
            slope = difference;
            values[index] = zigzag(value);
            all |= values[index];
        }
        unsigned width = all == 0 ? 0 : 32 - (unsigned)__builtin_clz(all);
        bytes[size++] = (uint8_t)width;
        size += pack_group(values, length, width, bytes + size);
    }
    return size;
}

/* `available` counts the bytes that may be read from `bytes` on, which can be more than the group's. */
static void unpack_group(
    const uint8_t *bytes, size_t available, unsigned width, uint32_t *values, size_t count) {
    uint64_t mask = width == 32 ? 0xFFFFFFFFu : (1u << width) - 1;
    uint8_t tail[TWIN_WAVEFORM_GROUP * 4 + 8];
    size_t needed = packed_size(count, width);
    if (available < needed + 8) {
        memcpy(tail, bytes, needed);
        memset(tail + needed, 0, 8);
        bytes = tail;
    }
    for (size_t index = 0, bit = 0; index < count; index++, bit += width) {
        uint64_t held;
        memcpy(&held, bytes + bit / 8, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        held = __builtin_bswap64(held);
#endif
        values[index] = unzigzag((uint32_t)((held >> (bit % 8)) & mask));
    }
}

int twin_waveform_unpack(
    const uint8_t *bytes, size_t size, int order, int32_t *samples, size_t count) {
    uint32_t last = 0, slope = 0, values[TWIN_WAVEFORM_GROUP];
    size_t place = 0;
    for (size_t start = 0; start < count; start += TWIN_WAVEFORM_GROUP) {
        size_t length = count - start < TWIN_WAVEFORM_GROUP ? count - start : TWIN_WAVEFORM_GROUP;
        if (place >= size) return 1;
        unsigned width = bytes[place++];
        if (width > 32 || packed_size(length, width) > size - place) return 1;
        unpack_group(bytes + place, size - place, width, values, length);
        place += packed_size(length, width);
        for (size_t index = 0; index < length; index++) {
            uint32_t value = values[index];
            if (order == 2) value = slope += value;
            if (order >= 1) value = last += value;
            samples[start + index] = (int32_t)value;
        }
    }
    return place == size ? 0 : 1;
}
