#ifndef CTWINRUNTIME_H
#define CTWINRUNTIME_H

#include <stdint.h>

/* Bounds what the allocator keeps of what is free: heaps beside the first one, and blocks from this
   size on, which go back to the system at once. Says whether it could. */
int32_t twin_allocator_bound(int32_t heap_count_max, int32_t large_byte_count);

#endif
