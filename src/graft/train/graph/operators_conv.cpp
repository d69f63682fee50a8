// Convolutions: which algorithm computes each, those of 1x1, and those that ATen computes.
#include "graft/train/graph/operators.h"
#include "graft/train/graph/padding.h"

namespace graft::train {
namespace {

/// What ATen's convolution is given: symmetric padding, the rest of SAME as zeros in the picture.
struct Padded {
  at::Tensor picture;  // (N, C, H, W)
  std::vector<int64_t> padding;
  std::vector<int64_t> added;  // zeros: left, right, top, bottom
};

Padded padded(const graph::Conv2d& c, const at::Tensor& x) {
  if (!c.same) return {channels_first(x), {c.pad_height(), c.pad_width()}, {}};
  const int64_t rows = same_padding(x.size(1), c.kernel, c.stride), columns = same_padding(x.size(2), c.kernel_width(), c.stride);
  if (rows % 2 == 0 && columns % 2 == 0) return {channels_first(x), {rows / 2, columns / 2}, {}};
  const std::vector<int64_t> added = {columns / 2, columns - columns / 2, rows / 2, rows - rows / 2};
  return {channels_first(at::constant_pad_nd(x, {0, 0, added[0], added[1], added[2], added[3]})), {0, 0}, added};
}

/// The places of a picture (N, H, W, C) that a 1x1 window sees at this stride; a view.
at::Tensor strided(const at::Tensor& picture, int64_t stride) { return picture.slice(1, 0, std::nullopt, stride).slice(2, 0, std::nullopt, stride); }

/// A 1x1 window with a stride. Here, and not by ATen: in PyTorch 2.13 the gradient of its weights (oneDNN's
/// jit_avx512_common_1x1_convolution_bwd_weights) writes beyond its memory where the channels are no multiple of 8.
bool is_strided_point(const graph::Conv2d& c) {
  return c.groups == 1 && c.kernel == 1 && c.kernel_width() == 1 && c.stride > 1 && c.pad_height() == 0;
}

}  // namespace

void ForwardOf::operator()(const graph::Conv2d& c) const {
  if (is_depthwise(c, from()[0])) return depthwise(c);
  if (is_pointwise(c)) return pointwise(c);
  if (is_strided_point(c)) {
    const at::Tensor x = strided(in(), c.stride).contiguous();
    const at::Tensor rows = at::linear(x.view({-1, from()[0]}), stored(0).flatten(1), c.bias ? std::optional(stored(1)) : std::nullopt);
    return give(rows.view({x.size(0), x.size(1), x.size(2), c.out}));
  }
  const Padded p = padded(c, in());
  give(
      channels_last(at::convolution(p.picture, stored(0).contiguous(at::MemoryFormat::ChannelsLast), c.bias ? std::optional(stored(1)) : std::nullopt,
                                    {c.stride, c.stride}, p.padding, {1, 1}, false, {0, 0}, c.groups)));
}

void BackwardOf::operator()(const graph::Conv2d& c) const {
  const bool trains = mode().trains;
  if (c.bias && trains) give_parameter(1, gradient().flatten(0, -2).sum(0, false, exact()));
  if (is_depthwise(c, from()[0])) return depthwise(c);
  if (is_pointwise(c)) return pointwise(c);
  const at::Tensor& x = in();
  if (is_strided_point(c)) {
    const at::Tensor seen = strided(x, c.stride).contiguous(), rows = gradient().reshape({-1, c.out});
    if (trains) give_parameter(0, at::mm(rows.t(), seen.view({-1, from()[0]})));
    if (!wanted()) return;
    const at::Tensor dx = at::zeros_like(x);
    strided(dx, c.stride).copy_(at::mm(rows, stored(0).flatten(1)).view(seen.sizes()));
    return give(dx);
  }
  const Padded p = padded(c, x);
  auto [dx, dw, db] =
      at::convolution_backward(channels_first(gradient()), p.picture, stored(0).contiguous(at::MemoryFormat::ChannelsLast), std::nullopt,
                               {c.stride, c.stride}, p.padding, {1, 1}, false, {0, 0}, c.groups, {wanted(), trains, false});
  if (trains) give_parameter(0, dw);
  if (!wanted()) return;
  if (!p.added.empty()) dx = dx.narrow(2, p.added[2], x.size(1)).narrow(3, p.added[0], x.size(2));
  give(channels_last(dx));
}

void ForwardOf::operator()(const graph::ConvTranspose2d& c) const {
  give(channels_last(at::convolution(channels_first(in()), stored(0), c.bias ? std::optional(stored(1)) : std::nullopt, {c.stride, c.stride},
                                     {c.padding, c.padding}, {1, 1}, true, {c.output_padding, c.output_padding}, 1)));
}

void BackwardOf::operator()(const graph::ConvTranspose2d& c) const {
  const bool trains = mode().trains;
  if (c.bias && trains) give_parameter(1, gradient().flatten(0, -2).sum(0, false, exact()));
  const auto [dx, dw, db] =
      at::convolution_backward(channels_first(gradient()), channels_first(in()), stored(0), std::nullopt, {c.stride, c.stride},
                               {c.padding, c.padding}, {1, 1}, true, {c.output_padding, c.output_padding}, 1, {wanted(), trains, false});
  if (trains) give_parameter(0, dw);
  if (wanted()) give(channels_last(dx));
}

bool NodeOf::in_blocks() const {
  executor.kernel_ = executor.blocks_[index] ? kBlocks : kAten;
  return executor.blocks_[index];
}

void ForwardOf::pointwise(const graph::Conv2d& c) const {
  if (in_blocks()) return give(compute().pointwise(read_input(), parameter(0), c.bias ? parameter(1) : at::Tensor(), moments_wanted(), buffers()));
  const at::Tensor& x = in();
  const at::Tensor rows = at::linear(x.view({-1, from()[0]}), stored(0).flatten(1), c.bias ? std::optional(stored(1)) : std::nullopt);
  give(rows.view({x.size(0), x.size(1), x.size(2), c.out}));
}

void BackwardOf::pointwise(const graph::Conv2d& c) const {
  const bool trains = mode().trains;
  if (in_blocks()) {
    const ConvolutionGradients by = compute().pointwise_backward(read_input(), incoming(), parameter(0), wanted() ? given() : at::Tensor(),
                                                                 {wanted(), trains, wanted() && sums_wanted()}, buffers());
    if (trains) give_parameter(0, by.dweight);
    if (wanted()) give_all(by.dx, by.sums);
    return;
  }
  const at::Tensor& x = in();
  const at::Tensor rows = gradient().view({-1, c.out});
  if (trains) give_parameter(0, at::mm(rows.t(), x.view({-1, from()[0]})));
  if (wanted()) give(at::mm(rows, stored(0).flatten(1)).view(x.sizes()));
}

}  // namespace graft::train
