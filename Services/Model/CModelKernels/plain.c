#define LANES 4
#define TILE_ROWS 4
#define TILE_VECTORS 2
#define LEVEL twin_level_plain
#if defined(__aarch64__)
#define FUSED 1
#else
#define FUSED 0
#endif

#include "body.h"
