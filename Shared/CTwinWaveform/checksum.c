#include "CTwinWaveform.h"

#include <string.h>

static uint32_t checksum_bytes(uint32_t state, const uint8_t *bytes, size_t size) {
    static const uint32_t nibbles[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
        0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
        0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    for (size_t index = 0; index < size; index++) {
        state ^= bytes[index];
        state = nibbles[state & 15] ^ (state >> 4);
        state = nibbles[state & 15] ^ (state >> 4);
    }
    return state;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2")))
static uint32_t checksum_words(uint32_t state, const uint8_t *bytes, size_t size) {
    uint64_t wide = state;
    for (size_t index = 0; index < size; index += 8) {
        uint64_t word;
        memcpy(&word, bytes + index, 8);
        wide = _mm_crc32_u64(wide, word);
    }
    return (uint32_t)wide;
}
#endif

uint32_t twin_waveform_checksum(uint32_t seed, const uint8_t *bytes, size_t size) {
    uint32_t state = ~seed;
    size_t done = 0;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) {
        done = size / 8 * 8;
        state = checksum_words(state, bytes, done);
    }
#endif
    if (done < size) state = checksum_bytes(state, bytes + done, size - done);
    return ~state;
}
