#ifndef CTWINJOURNAL_H
#define CTWINJOURNAL_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32C (Castagnoli) of `count` bytes, continued from `seed`; 0 starts anew.
   Uses the processor's instruction where it has one. */
uint32_t twin_crc32c(uint32_t seed, const void *bytes, size_t count);

/* The same from a table, on any processor. */
uint32_t twin_crc32c_portable(uint32_t seed, const void *bytes, size_t count);

#endif
