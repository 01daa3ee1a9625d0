#ifndef CTWINWAVEFORM_H
#define CTWINWAVEFORM_H

#include <stddef.h>
#include <stdint.h>

/* Samples are packed in groups: one byte that tells the width in bits (0 to 32), then the group's
   differences of the given order (0 to 2), zigzagged, little-endian bit after bit. Differences wrap
   modulo 2^32, so that every int32 comes back as it went in. */
#define TWIN_WAVEFORM_GROUP 32

/* The most bytes that `count` packed samples can take. */
size_t twin_waveform_bound(size_t count);

/* Packs `count` samples into `bytes`, which has room for twin_waveform_bound(count).
   Returns the number of bytes. */
size_t twin_waveform_pack(const int32_t *samples, size_t count, int order, uint8_t *bytes);

/* Unpacks exactly `count` samples from exactly `size` bytes. Returns 0, or 1 if the bytes are not
   what twin_waveform_pack makes. */
int twin_waveform_unpack(
    const uint8_t *bytes, size_t size, int order, int32_t *samples, size_t count);

/* CRC-32C of `size` bytes, continued from `seed`; 0 starts anew. */
uint32_t twin_waveform_checksum(uint32_t seed, const uint8_t *bytes, size_t size);

#endif
