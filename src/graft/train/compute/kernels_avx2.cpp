#define GRAFT_ISA avx2
#define GRAFT_VECTOR_BYTES 32
#include "graft/train/compute/kernels_body.h"
