#include "CTwinDeflate.h"

#include <stdlib.h>
#include <zlib.h>

struct TwinInflater {
    z_stream stream;
    int32_t container;
    int32_t has_ended;
};

static int window_bits(int32_t container) {
    if (container == TWIN_STREAM_GZIP) return 15 + 16;
    return container == TWIN_STREAM_ZLIB ? 15 : -15;
}

TwinInflater *twin_inflater_open(int32_t container) {
    TwinInflater *inflater = calloc(1, sizeof *inflater);
    if (!inflater) return NULL;
    inflater->container = container;
    if (inflateInit2(&inflater->stream, window_bits(container)) != Z_OK) {
        free(inflater);
        return NULL;
    }
    return inflater;
}

void twin_inflater_close(TwinInflater *inflater) {
    if (!inflater) return;
    inflateEnd(&inflater->stream);
    free(inflater);
}

static uInt part(size_t size) { return size > 1u << 30 ? 1u << 30 : (uInt)size; }

/// Whether another gzip member begins; what else follows a stream is left alone.
static int begins_member(const TwinInflater *inflater, const uint8_t *input, size_t size) {
    return inflater->container == TWIN_STREAM_GZIP && size >= 2 && input[0] == 0x1f
        && input[1] == 0x8b;
}

int32_t twin_inflater_step(
    TwinInflater *inflater, const uint8_t *input, size_t input_size, uint8_t *output,
    size_t output_size, size_t *taken, size_t *made) {
    z_stream *stream = &inflater->stream;
    *taken = *made = 0;
    while (*made < output_size) {
        if (inflater->has_ended) {
            if (!begins_member(inflater, input + *taken, input_size - *taken))
                return TWIN_STREAM_ENDED;
            if (inflateReset(stream) != Z_OK) return TWIN_STREAM_DAMAGED;
            inflater->has_ended = 0;
        }
        uInt can_take = part(input_size - *taken), can_make = part(output_size - *made);
        stream->next_in = (Bytef *)(input + *taken);
        stream->avail_in = can_take;
        stream->next_out = output + *made;
        stream->avail_out = can_make;
        int result = inflate(stream, Z_NO_FLUSH);
        *taken += can_take - stream->avail_in;
        *made += can_make - stream->avail_out;
        if (result == Z_STREAM_END) {
            inflater->has_ended = 1;
        } else if (result == Z_BUF_ERROR) {
            return TWIN_STREAM_GOES_ON;
        } else if (result != Z_OK) {
            return TWIN_STREAM_DAMAGED;
        }
    }
    return inflater->has_ended ? TWIN_STREAM_ENDED : TWIN_STREAM_GOES_ON;
}

size_t twin_deflate_bound(size_t size) { return compressBound(size) + 32; }

size_t twin_deflate(
    int32_t container, int32_t effort, const uint8_t *input, size_t input_size, uint8_t *output,
    size_t output_size) {
    z_stream stream = {0};
    if (input_size > UINT32_MAX || output_size > UINT32_MAX) return 0;
    if (deflateInit2(&stream, effort, Z_DEFLATED, window_bits(container), 8, Z_DEFAULT_STRATEGY)
        != Z_OK)
        return 0;
    stream.next_in = (Bytef *)input;
    stream.avail_in = (uInt)input_size;
    stream.next_out = output;
    stream.avail_out = (uInt)output_size;
    int result = deflate(&stream, Z_FINISH);
    size_t made = output_size - stream.avail_out;
    deflateEnd(&stream);
    return result == Z_STREAM_END ? made : 0;
}

uint32_t twin_crc32(uint32_t seed, const uint8_t *bytes, size_t size) {
    return (uint32_t)crc32_z(seed, bytes, size);
}
