#define GRAFT_ISA avx512bf16
#define GRAFT_VECTOR_BYTES 64
#include "graft/train/compute/kernels_body.h"
