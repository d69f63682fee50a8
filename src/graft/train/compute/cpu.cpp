// The table of the CPU: kernels of graft's own, spread over threads.
#include "graft/train/compute/compute.h"
#include "graft/train/compute/cpu_pointwise.h"
#include "graft/train/compute/parallel.h"
#include "graft/train/compute/pointers.h"

namespace graft::train {
namespace {

constexpr int64_t kRows = 64;  // at least, that a thread takes

/// work(first, end) of the rows of channels.
template <class F>
void by_rows(const at::Tensor& x, F&& work) {
  parallel_for(0, x.numel() / x.size(-1), kRows, work);
}

at::Tensor cpu_materialise(const Value& v, Buffers& buffers) {
  const at::Tensor output = buffers.empty(v.tensor.sizes(), v.tensor.scalar_type());
  const int64_t channels = v.tensor.size(-1);
  with_type(v.tensor, [&]<class X>(X) {
    const Source<X> s = source_of<X>(v);
    by_rows(v.tensor, [&](int64_t begin, int64_t end) {
      kernels_of<X>().normalise(s.x + begin * channels, s.scale, s.shift, s.shape, nullptr, write<X>(output) + begin * channels, end - begin,
                                channels);
    });
  });
  return output;
}

at::Tensor cpu_through(const Gradient& g, Buffers& buffers) {
  const at::Tensor through = buffers.empty(g.tensor.sizes(), g.tensor.scalar_type());
  const int64_t channels = through.size(-1);
  with_type(through, [&]<class X>(X) {
    const Incoming<X> in = incoming_of<X>(g);
    by_rows(through, [&](int64_t begin, int64_t end) {
      const int64_t at = begin * channels;
      kernels_of<X>().backward_input(in.z + at, in.dy + at, in.scale, in.shift, in.shape, in.p, in.q, in.r, write<X>(through) + at, end - begin,
                                     channels);
    });
  });
  return through;
}

at::Tensor cpu_join(const Value& x, const Value& added, Shape shape, Buffers& buffers) {
  const at::Tensor sum = buffers.empty(x.tensor.sizes(), x.tensor.scalar_type());
  const int64_t channels = sum.size(-1);
  with_type(sum, [&]<class X>(X) {
    by_rows(sum, [&](int64_t begin, int64_t end) {
      Source<X> first = source_of<X>(x), second = source_of<X>(added);
      first.x += begin * channels, second.x += begin * channels;
      first.shape = shape;
      kernels_of<X>().join(first, second, write<X>(sum) + begin * channels, end - begin, channels);
    });
  });
  return sum;
}

/// sums(first row, number of rows, first sum, second sum) over the groups of rows: (parts, 2, C).
template <class F>
at::Tensor sums_of(const at::Tensor& x, F&& sums) {
  const int64_t channels = x.size(-1), rows = x.numel() / channels;
  const at::Tensor parts = at::zeros({kRowGroups, 2, channels}, at::kFloat);
  parallel_for(0, kRowGroups, 1, [&](int64_t begin, int64_t end) {
    for (int64_t g = begin; g < end; ++g) {
      float* part = write<float>(parts) + g * 2 * channels;
      const int64_t first = g * rows / kRowGroups;
      sums(first, (g + 1) * rows / kRowGroups - first, part, part + channels);
    }
  });
  return parts;
}

at::Tensor cpu_moments(const at::Tensor& x) {
  at::Tensor parts;
  const int64_t channels = x.size(-1);
  with_type(x, [&]<class X>(X) {
    parts = sums_of(x, [&](int64_t row, int64_t rows, float* first, float* second) {
      kernels_of<X>().moments(read<X>(x) + row * channels, rows, channels, first, second);
    });
  });
  return parts;
}

at::Tensor cpu_backward_sums(const Value& x, const at::Tensor& dy) {
  at::Tensor parts;
  const int64_t channels = dy.size(-1);
  with_type(x.tensor, [&]<class X>(X) {
    const Source<X> s = source_of<X>(x);
    parts = sums_of(dy, [&](int64_t row, int64_t rows, float* first, float* second) {
      kernels_of<X>().backward_sums(s.x + row * channels, read<X>(dy) + row * channels, s.scale, s.shift, s.shape, rows, channels, first, second);
    });
  });
  return parts;
}

/// (C, 1, K, K) as the kernels want it: (K * K, C).
at::Tensor by_tap(const at::Tensor& weight) { return weight.flatten(1).t().contiguous(); }

Convolved cpu_depthwise(const Depthwise& d, const Value& x, const at::Tensor& weight, bool moments, Buffers& buffers) {
  Convolved to{buffers.empty({d.images, d.out_height, d.out_width, d.channels}, x.tensor.scalar_type()), {}};
  const at::Tensor taps = by_tap(weight);
  if (moments) to.moments = buffers.empty({d.images, 2, d.channels}, at::kFloat);
  with_type(x.tensor, [&]<class X>(X) {
    parallel_for(0, d.images * channel_blocks(d), 1, [&](int64_t begin, int64_t end) {
      kernels_of<X>().depthwise_forward(d, source_of<X>(x), read<float>(taps), write<X>(to.output), place_of(to.moments), begin, end);
    });
  });
  return to;
}

ConvolutionGradients cpu_depthwise_backward(const Depthwise& d, const Value& x, const Gradient& dy, const at::Tensor& weight, Wanted wanted,
                                            Buffers& buffers) {
  const at::Tensor taps = by_tap(weight);
  ConvolutionGradients to;
  at::Tensor products;
  if (wanted.dweight) products = buffers.empty({kImageGroups, d.kernel * d.kernel, d.channels}, at::kFloat);
  if (wanted.dx) to.dx = buffers.empty(x.tensor.sizes(), x.tensor.scalar_type());
  if (wanted.sums) to.sums = buffers.empty({kImageGroups, 2, d.channels}, at::kFloat);
  with_type(x.tensor, [&]<class X>(X) {
    parallel_for(0, kImageGroups * channel_blocks(d), 1, [&](int64_t begin, int64_t end) {
      kernels_of<X>().depthwise_backward(d, source_of<X>(x), incoming_of<X>(dy), read<float>(taps), to.dx.defined() ? write<X>(to.dx) : nullptr,
                                         place_of(products), place_of(to.sums), begin, end);
    });
  });
  if (wanted.dweight) to.dweight = products.sum(0).t();
  return to;
}

}  // namespace

const Compute& cpu() {
  static const Compute table{.name = "cpu",
                             .device = at::kCPU,
                             .materialise = cpu_materialise,
                             .through = cpu_through,
                             .join = cpu_join,
                             .moments = cpu_moments,
                             .backward_sums = cpu_backward_sums,
                             .depthwise = cpu_depthwise,
                             .depthwise_backward = cpu_depthwise_backward,
                             .has_blocks = has_products,
                             .pointwise = pointwise_in_blocks,
                             .pointwise_backward = pointwise_backward_in_blocks};
  return table;
}

}  // namespace graft::train
