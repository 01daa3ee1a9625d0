#include "CTwinRuntime.h"

#ifdef __GLIBC__

#include <malloc.h>

int32_t twin_allocator_bound(int32_t heap_count_max, int32_t large_byte_count) {
    /* Said once, these no longer grow by themselves with the largest block that was ever free. */
    return mallopt(M_ARENA_MAX, heap_count_max) && mallopt(M_MMAP_THRESHOLD, large_byte_count)
        && mallopt(M_TRIM_THRESHOLD, large_byte_count);
}

#else

int32_t twin_allocator_bound(int32_t heap_count_max, int32_t large_byte_count) {
    (void)heap_count_max, (void)large_byte_count;
    return 0;
}

#endif
