#ifndef CINGESTDICOM_H
#define CINGESTDICOM_H

#include <stddef.h>
#include <stdint.h>

/// Turns text of a character set (by the name that iconv knows) into UTF-8, which takes at most
/// four bytes for each of the text's. Returns how many, -1 where the text is not in that set.
int64_t twin_dicom_text(
    const char *charset, const uint8_t *text, size_t size, uint8_t *out, size_t out_size);

#endif
