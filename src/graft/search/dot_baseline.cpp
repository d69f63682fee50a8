#define GRAFT_ISA baseline
#define GRAFT_VECTOR_BYTES 16
#include "graft/search/dot_body.h"
