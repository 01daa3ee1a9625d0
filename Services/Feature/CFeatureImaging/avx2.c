#if defined(__x86_64__)

#define LANES 4
#define TRANSFORM twin_transform_avx2
#define TARGET "avx2,fma"

#include "transform.h"

#endif
