#define GRAFT_ISA avx512
#define GRAFT_VECTOR_BYTES 64
#include "graft/search/dot_body.h"
