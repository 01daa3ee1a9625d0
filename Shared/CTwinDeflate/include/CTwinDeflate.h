#ifndef CTWINDEFLATE_H
#define CTWINDEFLATE_H

#include <stddef.h>
#include <stdint.h>

// zlib's streams behind six functions. The Swift room beside it owns the buffers, checks every
// size before it calls, and is the only caller.

enum { TWIN_STREAM_GZIP, TWIN_STREAM_ZLIB, TWIN_STREAM_RAW };

enum { TWIN_STREAM_GOES_ON, TWIN_STREAM_ENDED, TWIN_STREAM_DAMAGED };

typedef struct TwinInflater TwinInflater;

/// NULL where there is no memory for it.
TwinInflater *twin_inflater_open(int32_t container);
void twin_inflater_close(TwinInflater *inflater);

/// Inflates until the output is full, the input is used up or the stream has ended; `taken` and
/// `made` become the bytes that were read and written. A gzip member that follows another goes on.
int32_t twin_inflater_step(
    TwinInflater *inflater, const uint8_t *input, size_t input_size, uint8_t *output,
    size_t output_size, size_t *taken, size_t *made);

/// The most bytes that so many may become.
size_t twin_deflate_bound(size_t size);

/// Deflates all at once; the bytes written, 0 where they do not fit.
size_t twin_deflate(
    int32_t container, int32_t effort, const uint8_t *input, size_t input_size, uint8_t *output,
    size_t output_size);

/// The CRC-32 of gzip and PNG, continued from `seed`.
uint32_t twin_crc32(uint32_t seed, const uint8_t *bytes, size_t size);

#endif
