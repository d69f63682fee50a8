#define GRAFT_ISA avx2
#define GRAFT_VECTOR_BYTES 32
#include "graft/train/kernels_body.h"
