// The implementation of the training kernels. A source file defines GRAFT_ISA (a namespace) and GRAFT_VECTOR_BYTES, and then includes it.
// No #pragma once: included once by each of four sources, each in its own namespace.
#include "graft/train/compute/kernels_table.h"

#include "graft/train/compute/kernels_vector.h"

#include "graft/train/compute/kernels_norm.h"

#include "graft/train/compute/kernels_ring.h"

#include "graft/train/compute/kernels_depthwise.h"

#include "graft/train/compute/kernels_rows.h"

namespace graft::train::GRAFT_ISA {

template <class X>
constexpr KernelsOf<X> kernels_of() {
  return {depthwise_forward<X>, depthwise_backward<X>, moments<X>, normalise<X>, backward_sums<X>, backward_input<X>, join<X>, narrow<X>};
}

#define GRAFT_TEXT_OF(x) #x
#define GRAFT_TEXT(x) GRAFT_TEXT_OF(x)
const Kernels kKernels{GRAFT_TEXT(GRAFT_ISA), kernels_of<float>(), kernels_of<Bf16>(), pair_rows, turn_rows};

}  // namespace graft::train::GRAFT_ISA
