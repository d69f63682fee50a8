// Convolutions and batch norm, where the time goes.
#include <ATen/Parallel.h>

#include <cmath>

#include "graft/train/kernels.h"
#include "graft/train/operators.h"

namespace graft::train {
namespace {

constexpr double kMomentum = 0.1;   // of running statistics, PyTorch's
constexpr int64_t kRowGroups = 16;  // parts of all rows whose sums are taken apart, whatever the number of threads

/// f(Bf16{}) or f(float{}) as the tensor's elements are.
template <class F>
void with_type(const at::Tensor& t, F&& f) {
  if (t.scalar_type() == at::kBFloat16) f(Bf16{});
  else f(float{});
}
template <class X>
const X* read(const at::Tensor& t) {
  return static_cast<const X*>(t.const_data_ptr());
}
template <class X>
X* write(const at::Tensor& t) {
  return static_cast<X*>(t.mutable_data_ptr());
}

bool is_depthwise(const graph::Conv2d& c, int64_t channels) {
  return c.groups > 1 && c.groups == channels && c.out == channels && c.kernel == c.kernel_width() && c.kernel <= 7 && c.stride <= 2 &&
         c.pad_height() == c.pad_width();
}
bool is_pointwise(const graph::Conv2d& c) { return c.groups == 1 && c.kernel == 1 && c.kernel_width() == 1 && c.stride == 1 && c.pad_height() == 0; }

/// TensorFlow's SAME: rows of zeros in front, what is left behind.
int64_t same_padding(int64_t size, int64_t kernel, int64_t stride) {
  const int64_t out = (size + stride - 1) / stride;
  return std::max<int64_t>((out - 1) * stride + kernel - size, 0);
}

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

}  // namespace

void ForwardOf::operator()(const graph::Conv2d& c) const {
  const at::Tensor& x = in();
  const int64_t n = x.size(0);
  if (is_depthwise(c, from()[0])) {
    const Depthwise d = depthwise_of(c, x, node().dims);
    const at::Tensor out = at::empty({n, d.out_height, d.out_width, d.channels}, x.options()), taps = by_tap(value(0));
    with_type(x, [&]<class X>(X) {
      at::parallel_for(0, n * channel_blocks(d), 1, [&](int64_t begin, int64_t end) {
        kernels_of<X>().depthwise_forward(d, read<X>(x), read<float>(taps), write<X>(out), begin, end);
      });
    });
    return give(c.bias ? out + stored(1) : out);
  }
  if (is_pointwise(c)) {
    const at::Tensor out = at::linear(x.view({-1, from()[0]}), stored(0).flatten(1), c.bias ? std::optional(stored(1)) : std::nullopt);
    return give(out.view({n, x.size(1), x.size(2), c.out}));
  }
  const Padded p = padded(c, x);
  give(
      channels_last(at::convolution(p.picture, stored(0).contiguous(at::MemoryFormat::ChannelsLast), c.bias ? std::optional(stored(1)) : std::nullopt,
                                    {c.stride, c.stride}, p.padding, {1, 1}, false, {0, 0}, c.groups)));
}

void BackwardOf::operator()(const graph::Conv2d& c) const {
  const at::Tensor &x = in(), &dy = gradient();
  const int64_t n = x.size(0), channels = from()[0];
  const bool trains = mode().trains;
  if (c.bias && trains) give_parameter(1, dy.flatten(0, -2).sum(0, false, at::kFloat));
  if (is_depthwise(c, channels)) {
    const Depthwise d = depthwise_of(c, x, node().dims);
    with_type(x, [&]<class X>(X) {
      const KernelsOf<X>& kernels = kernels_of<X>();
      if (trains) {
        const at::Tensor partial = at::empty({kImageGroups, c.kernel * c.kernel, channels}, at::kFloat);
        at::parallel_for(0, kImageGroups * channel_blocks(d), 1, [&](int64_t begin, int64_t end) {
          kernels.depthwise_backward_weight(d, read<X>(x), read<X>(dy), write<float>(partial), begin, end);
        });
        give_parameter(0, partial.sum(0).t());
      }
      if (!wanted()) return;
      const at::Tensor dx = at::empty_like(x), taps = by_tap(value(0));
      at::parallel_for(0, n * channel_blocks(d), 1, [&](int64_t begin, int64_t end) {
        kernels.depthwise_backward_input(d, read<X>(dy), read<float>(taps), write<X>(dx), begin, end);
      });
      give(dx);
    });
    return;
  }
  if (is_pointwise(c)) {
    const at::Tensor rows = dy.view({-1, c.out});
    if (trains) give_parameter(0, at::mm(rows.t(), x.view({-1, channels})));
    if (wanted()) give(at::mm(rows, stored(0).flatten(1)).view(x.sizes()));
    return;
  }
  const Padded p = padded(c, x);
  auto [dx, dw, db] = at::convolution_backward(channels_first(dy), p.picture, stored(0).contiguous(at::MemoryFormat::ChannelsLast), std::nullopt,
                                               {c.stride, c.stride}, p.padding, {1, 1}, false, {0, 0}, c.groups, {wanted(), trains, false});
  if (trains) give_parameter(0, dw);
  if (!wanted()) return;
  if (!p.added.empty()) dx = dx.narrow(2, p.added[2], x.size(1)).narrow(3, p.added[0], x.size(2));
  give(channels_last(dx));
}

namespace {

/// sums(begin, end, first, second) over the groups of rows; the two sums (C) of all rows, in a fixed order.
template <class F>
std::pair<at::Tensor, at::Tensor> sums_of(int64_t rows, int64_t channels, F&& sums) {
  const at::Tensor parts = at::zeros({kRowGroups, 2, channels}, at::kFloat);
  at::parallel_for(0, kRowGroups, 1, [&](int64_t begin, int64_t end) {
    for (int64_t g = begin; g < end; ++g) {
      float* part = write<float>(parts) + g * 2 * channels;
      sums(g * rows / kRowGroups, (g + 1) * rows / kRowGroups, part, part + channels);
    }
  });
  const at::Tensor total = parts.sum(0, false, at::kDouble);
  return {total[0], total[1]};
}

}  // namespace

void ForwardOf::operator()(const graph::BatchNorm& b) const {
  const at::Tensor& x = in();
  const int64_t channels = from()[0], rows = x.numel() / channels;
  at::Tensor mean = value(2).to(at::kDouble), variance = value(3).to(at::kDouble);
  if (executor.training_ && mode().batch_norm_live) {
    with_type(x, [&]<class X>(X) {
      const auto [sum, square] = sums_of(rows, channels, [&](int64_t begin, int64_t end, float* first, float* second) {
        kernels_of<X>().moments(read<X>(x) + begin * channels, end - begin, channels, first, second);
      });
      mean = sum / rows;
      variance = (square / rows - mean * mean).clamp_min(0);
    });
    const double unbiased = static_cast<double>(rows) / static_cast<double>(std::max<int64_t>(rows - 1, 1));
    value(2).mul_(1 - kMomentum).add_(mean.to(at::kFloat), kMomentum);
    value(3).mul_(1 - kMomentum).add_((variance * unbiased).to(at::kFloat), kMomentum);
  }
  const at::Tensor inverse = (variance + b.eps).rsqrt(), scale = (value(0) * inverse).to(at::kFloat);
  const at::Tensor shift = (value(1) - mean * value(0) * inverse).to(at::kFloat);
  const at::Tensor out = at::empty_like(x);
  with_type(x, [&]<class X>(X) {
    at::parallel_for(0, rows, 64, [&](int64_t begin, int64_t end) {
      kernels_of<X>().normalise(read<X>(x) + begin * channels, read<float>(scale), read<float>(shift), fused_shape(), nullptr,
                                write<X>(out) + begin * channels, end - begin, channels);
    });
  });
  give(out);
  if (will_go_back()) more() = {mean, inverse, scale, shift};
}

void BackwardOf::operator()(const graph::BatchNorm&) const {
  const at::Tensor &x = in(), &dy = gradient(), &mean = more()[0], &inverse = more()[1], &scale = more()[2], &shift = more()[3];
  const int64_t channels = from()[0], rows = x.numel() / channels;
  const bool live = mode().batch_norm_live;
  at::Tensor q = at::zeros_like(scale), r = q;
  with_type(x, [&]<class X>(X) {
    const KernelsOf<X>& kernels = kernels_of<X>();
    if (mode().trains) {
      const auto [sum, product] = sums_of(rows, channels, [&](int64_t begin, int64_t end, float* first, float* second) {
        kernels.backward_sums(read<X>(x) + begin * channels, read<X>(dy) + begin * channels, read<float>(scale), read<float>(shift), fused_shape(),
                              end - begin, channels, first, second);
      });
      const at::Tensor dweight = (product - mean * sum) * inverse;
      give_parameter(0, dweight);
      give_parameter(1, sum);
      if (live) {  // the statistics depend on x, too (Ioffe & Szegedy 2015)
        const at::Tensor per_x = -(scale * inverse * dweight) / rows;
        q = per_x.to(at::kFloat);
        r = (-(scale * sum) / rows - per_x * mean).to(at::kFloat);
      }
    }
    if (!wanted()) return;
    const at::Tensor dx = at::empty_like(x);
    at::parallel_for(0, rows, 64, [&](int64_t begin, int64_t end) {
      kernels.backward_input(read<X>(x) + begin * channels, read<X>(dy) + begin * channels, read<float>(scale), read<float>(shift), fused_shape(),
                             read<float>(scale), read<float>(q), read<float>(r), write<X>(dx) + begin * channels, end - begin, channels);
    });
    give(dx);
  });
}

}  // namespace graft::train
