// Depthwise convolutions.

#include "graft/train/graph/operators.h"
#include "graft/train/graph/padding.h"

namespace graft::train {
namespace {

Depthwise depthwise_of(const graph::Conv2d& c, const at::Tensor& x, const graph::Dims& out) {
  const int64_t height = x.size(1), width = x.size(2);
  return {x.size(0),
          height,
          width,
          x.size(3),
          c.kernel,
          c.stride,
          c.same ? same_padding(height, c.kernel, c.stride) / 2 : c.pad_height(),
          c.same ? same_padding(width, c.kernel, c.stride) / 2 : c.pad_width(),
          out[1],
          out[2]};
}

}  // namespace

void ForwardOf::depthwise(const graph::Conv2d& c) const {
  const Value x = read_input();
  const bool moments = !c.bias && moments_wanted();
  const Convolved to = compute().depthwise(depthwise_of(c, x.tensor, node().dims), x, parameter(0), moments, buffers());
  give(c.bias ? Convolved{to.output + stored(1), {}} : to);
}

void BackwardOf::depthwise(const graph::Conv2d& c) const {
  const Value x = read_input();
  const bool alone = !given().defined();
  const ConvolutionGradients by = compute().depthwise_backward(depthwise_of(c, x.tensor, node().dims), x, incoming(), parameter(0),
                                                               {wanted(), mode().trains, wanted() && alone && sums_wanted()}, buffers());
  if (by.dweight.defined()) give_parameter(0, by.dweight);
  if (!wanted()) return;
  if (alone) give_all(by.dx, by.sums);
  else give(by.dx);
}

}  // namespace graft::train
