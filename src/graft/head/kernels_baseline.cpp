#define GRAFT_ISA baseline
#define GRAFT_VECTOR_BYTES 16
#define GRAFT_ROW_TILE 2
#include "graft/head/kernels_body.h"
