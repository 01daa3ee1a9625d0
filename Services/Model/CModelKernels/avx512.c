#if defined(__x86_64__)

#define LANES 16
#define TILE_ROWS 8
#define TILE_VECTORS 2
#define LEVEL twin_level_avx512
#define FUSED 1
#define TARGET "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma"

#include "body.h"

#endif
