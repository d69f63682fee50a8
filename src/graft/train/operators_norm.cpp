// Batch norm: its statistics and its gradients' sums. Its output is computed by those that read it, where they can (values.h).

#include <cmath>
#include <span>

#include "graft/base/rng.h"
#include "graft/train/batch_norm.h"
#include "graft/train/operators.h"
#include "graft/train/parallel.h"

namespace graft::train {
namespace {

constexpr uint64_t kStochNorm = 0x73746f63686e6f72;  // "stochnor": streams of their own beside those that drop out

/// sums(begin, end, first, second) over the groups of rows: (parts, 2, C).
template <class F>
at::Tensor sums_of(int64_t rows, int64_t channels, F&& sums) {
  const at::Tensor parts = at::zeros({kRowGroups, 2, channels}, at::kFloat);
  parallel_for(0, kRowGroups, 1, [&](int64_t begin, int64_t end) {
    for (int64_t g = begin; g < end; ++g) {
      float* part = write<float>(parts) + g * 2 * channels;
      sums(g * rows / kRowGroups, (g + 1) * rows / kRowGroups, part, part + channels);
    }
  });
  return parts;
}

}  // namespace

at::Tensor ForwardOf::place_of_moments(int64_t parts, int64_t channels) const {
  const auto reader = static_cast<std::size_t>(executor.first_reader_[index] < 0 ? 0 : executor.first_reader_[index]);
  if (executor.readers_[index] != 1 || !is_norm(reader) || !executor.training_ || !mode_of(reader).batch_norm_live) return {};
  return executor.kept_[reader].sums = empty_floats({parts, 2, channels});
}

/// Which channels go by the batch's statistics: all, or by StochNorm (Kou et al. 2020) each with its own draw.
at::Tensor ForwardOf::channels_by_batch(int64_t channels) const {
  at::Tensor chosen = at::ones({channels}, at::kBool);
  if (mode().running <= 0) return chosen;
  Rng rng(executor.seed_.seed ^ kStochNorm, executor.seed_.step * kMostNodes + index);
  for (bool& by_batch : std::span(chosen.mutable_data_ptr<bool>(), static_cast<std::size_t>(channels))) by_batch = rng.uniform() >= mode().running;
  return chosen;
}

void ForwardOf::operator()(const graph::BatchNorm& b) const {
  const at::Tensor& x = in();
  const int64_t channels = from()[0], rows = x.numel() / channels;
  at::Tensor mean = parameter(2).to(at::kDouble), variance = parameter(3).to(at::kDouble), by_batch;
  if (executor.training_ && mode().batch_norm_live) {
    at::Tensor& parts = executor.kept_[index].sums;
    if (!parts.defined())
      with_type(x, [&]<class X>(X) {
        parts = sums_of(rows, channels, [&](int64_t begin, int64_t end, float* first, float* second) {
          kernels_of<X>().moments(read<X>(x) + begin * channels, end - begin, channels, first, second);
        });
      });
    const at::Tensor total = parts.sum(0, false, at::kDouble) / rows;
    parts = at::Tensor();
    const at::Tensor of_batch = total[0], spread = (total[1] - of_batch * of_batch).clamp_min(0);
    const double unbiased = static_cast<double>(rows) / static_cast<double>(std::max<int64_t>(rows - 1, 1));
    parameter(2).mul_(1 - kStatisticsMomentum).add_(of_batch.to(at::kFloat), kStatisticsMomentum);
    parameter(3).mul_(1 - kStatisticsMomentum).add_((spread * unbiased).to(at::kFloat), kStatisticsMomentum);
    by_batch = channels_by_batch(channels);
    mean = at::where(by_batch, of_batch, mean);
    variance = at::where(by_batch, spread, variance);
  }
  const at::Tensor inverse = (variance + b.eps).rsqrt(), scale = parameter(0) * inverse;
  more() = {at::stack({scale, parameter(1) - mean * scale}).to(at::kFloat), mean, inverse, by_batch};
}

void BackwardOf::operator()(const graph::BatchNorm&) const {
  const at::Tensor &x = in(), &constants = more()[0], &mean = more()[1], &inverse = more()[2];
  const Gradient dy = incoming();
  const int64_t channels = from()[0], rows = x.numel() / channels;
  const Shape shape = fused_shape(index);
  const at::Tensor scale = constants[0];
  at::Tensor q = at::zeros_like(scale), r = q;
  if (mode().trains) {
    at::Tensor parts = dy.sums;
    if (!parts.defined())
      with_type(x, [&]<class X>(X) {
        const auto* c = read<float>(constants);
        parts = sums_of(rows, channels, [&](int64_t begin, int64_t end, float* first, float* second) {
          kernels_of<X>().backward_sums(read<X>(x) + begin * channels, read<X>(dy.tensor) + begin * channels, c, c + channels, shape, end - begin,
                                        channels, first, second);
        });
      });
    const at::Tensor total = parts.sum(0, false, at::kDouble), sum = total[0], dweight = (total[1] - mean * sum) * inverse;
    give_parameter(0, dweight);
    give_parameter(1, sum);
    if (mode().batch_norm_live) {  // the statistics depend on x, too (Ioffe & Szegedy 2015)
      const at::Tensor per_x = more()[3] * -(scale * inverse * dweight) / rows;
      q = per_x.to(at::kFloat);
      r = (more()[3] * -(scale * sum) / rows - per_x * mean).to(at::kFloat);
    }
  }
  if (!wanted()) return;
  const Gradient through{dy.tensor, x, at::stack({scale, constants[1], scale, q, r}), {}, shape};
  const std::size_t source = input_index(0);
  executor.flowing_[index] = through;
  if (executor.readers_[source] == 1 && !executor.flowing_[source].tensor.defined() &&
      std::holds_alternative<graph::Conv2d>(executor.graph_.nodes[source].op))
    executor.flowing_[source] = through;
  else give(gradient());
}

}  // namespace graft::train
