#include "CIngestDICOM.h"

#include <iconv.h>

int64_t twin_dicom_text(
    const char *charset, const uint8_t *text, size_t size, uint8_t *out, size_t out_size) {
    iconv_t converter = iconv_open("UTF-8", charset);
    if (converter == (iconv_t)-1) return -1;
    char *from = (char *)text, *to = (char *)out;
    size_t left = size, room = out_size;
    size_t result = iconv(converter, &from, &left, &to, &room);
    iconv_close(converter);
    return result == (size_t)-1 || left ? -1 : (int64_t)(out_size - room);
}
