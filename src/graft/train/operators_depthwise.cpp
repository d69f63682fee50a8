// Depthwise convolutions, by kernels of graft's own.

#include "graft/train/operators.h"
#include "graft/train/padding.h"
#include "graft/train/parallel.h"

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

/// (C, 1, K, K) as the kernels want it: (K * K, C).
at::Tensor by_tap(const at::Tensor& weight) { return weight.flatten(1).t().contiguous(); }

}  // namespace

bool is_depthwise(const graph::Conv2d& c, int64_t channels) {
  return c.groups > 1 && c.groups == channels && c.out == channels && c.kernel == c.kernel_width() && c.kernel <= 7 && c.stride <= 2 &&
         c.pad_height() == c.pad_width();
}

void ForwardOf::depthwise(const graph::Conv2d& c) const {
  const Value x = read_input();
  const Depthwise d = depthwise_of(c, x.tensor, node().dims);
  const at::Tensor out = empty({d.images, d.out_height, d.out_width, d.channels}), taps = by_tap(parameter(0));
  const at::Tensor moments = c.bias ? at::Tensor() : place_of_moments(d.images, d.channels);
  with_type(x.tensor, [&]<class X>(X) {
    parallel_for(0, d.images * channel_blocks(d), 1, [&](int64_t begin, int64_t end) {
      kernels_of<X>().depthwise_forward(d, x.source<X>(), read<float>(taps), write<X>(out), moments.defined() ? write<float>(moments) : nullptr,
                                        begin, end);
    });
  });
  give(c.bias ? out + stored(1) : out);
}

void BackwardOf::depthwise(const graph::Conv2d& c) const {
  const Value x = read_input();
  const Gradient& dy = incoming();
  const Depthwise d = depthwise_of(c, x.tensor, node().dims);
  const at::Tensor taps = by_tap(parameter(0));
  at::Tensor dx, products, sums;
  if (mode().trains) products = empty_floats({kImageGroups, c.kernel * c.kernel, d.channels});
  if (wanted()) dx = empty(x.tensor.sizes());
  const bool alone = !given().defined();
  if (wanted() && alone && sums_wanted()) sums = empty_floats({kImageGroups, 2, d.channels});
  const auto place = [](const at::Tensor& t) { return t.defined() ? write<float>(t) : nullptr; };
  with_type(x.tensor, [&]<class X>(X) {
    parallel_for(0, kImageGroups * channel_blocks(d), 1, [&](int64_t begin, int64_t end) {
      kernels_of<X>().depthwise_backward(d, x.source<X>(), dy.incoming<X>(), read<float>(taps), dx.defined() ? write<X>(dx) : nullptr,
                                         place(products), place(sums), begin, end);
    });
  });
  if (products.defined()) give_parameter(0, products.sum(0).t());
  if (!wanted()) return;
  if (alone) give_all(dx, sums);
  else give(dx);
}

}  // namespace graft::train
