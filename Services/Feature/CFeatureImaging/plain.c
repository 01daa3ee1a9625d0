#define LANES 2
#define TRANSFORM twin_transform_plain

#include "transform.h"
