#define GRAFT_ISA avx512
#define GRAFT_VECTOR_BYTES 64
#define GRAFT_ROW_TILE 4
#include "graft/head/kernels_body.h"
