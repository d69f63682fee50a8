#define GRAFT_ISA baseline
#define GRAFT_VECTOR_BYTES 16
#include "graft/train/kernels_body.h"
