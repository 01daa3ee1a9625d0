#if defined(__x86_64__)

#define LANES 8
#define TRANSFORM twin_transform_avx512
#define TARGET "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma"

#include "transform.h"

#endif
