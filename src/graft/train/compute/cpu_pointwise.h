// 1x1 convolutions of cpu(). With matrix products in bf16 (AMX) they pass over memory once: each block of rows is normalized, multiplied,
// rounded and summed up while it is in the cache. Only if has_products().
#pragma once

#include "graft/train/compute/compute.h"
#include "graft/train/compute/products.h"

namespace graft::train {

Convolved pointwise_in_blocks(const Value& x, const at::Tensor& weight, const at::Tensor& bias, bool moments, Buffers& buffers);
ConvolutionGradients pointwise_backward_in_blocks(const Value& x, const Gradient& dy, const at::Tensor& weight, const at::Tensor& others,
                                                  Wanted wanted, Buffers& buffers);

}  // namespace graft::train
