#define GRAFT_ISA avx2
#define GRAFT_VECTOR_BYTES 32
#define GRAFT_ROW_TILE 2
#include "graft/head/kernels_body.h"
