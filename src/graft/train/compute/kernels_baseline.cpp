#define GRAFT_ISA baseline
#define GRAFT_VECTOR_BYTES 16
#include "graft/train/compute/kernels_body.h"
