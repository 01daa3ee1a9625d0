#if defined(__x86_64__)

#define LANES 8
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define LEVEL twin_level_avx2
#define FUSED 1
#define TARGET "avx2,fma"

#include "body.h"

#endif
