// Batch norm and instance norm. Batch norm: its statistics and its gradients' sums. Its output is computed by those that read it, where they can (values.h).

#include <algorithm>

#include "graft/train/graph/operators.h"

namespace graft::train {
namespace {

constexpr uint64_t kStochNorm = 0x73746f63686e6f72;  // "stochnor": streams of their own beside those that drop out

}  // namespace

bool ForwardOf::moments_wanted() const {
  const auto reader = static_cast<std::size_t>(executor.plan_.first_reader[index] < 0 ? 0 : executor.plan_.first_reader[index]);
  return executor.plan_.readers[index] == 1 && is_norm(reader) && executor.training_ && mode_of(reader).batch_norm_live;
}

void ForwardOf::give(const Convolved& convolved) const {
  give(convolved.output);
  if (convolved.moments.defined()) executor.kept_[static_cast<std::size_t>(executor.plan_.first_reader[index])].sums = convolved.moments;
}

/// Which channels go by the batch's statistics: all, or by StochNorm (Kou et al. 2020) each with its own draw.
at::Tensor ForwardOf::channels_by_batch(int64_t channels) const {
  if (mode().running <= 0) return at::ones({channels}, at::TensorOptions().dtype(at::kBool).device(compute().device));
  return drawn_here(executor.seed_.seed ^ kStochNorm, mode().running, {channels});
}

void ForwardOf::operator()(const graph::BatchNorm& b) const {
  const at::Tensor& x = in();
  const int64_t channels = from()[0], rows = x.numel() / channels;
  at::Tensor mean = parameter(2).to(at::kDouble, false, true), variance = parameter(3).to(at::kDouble, false, true), by_batch;  // as they are now
  if (executor.training_ && mode().batch_norm_live) {
    at::Tensor& parts = executor.kept_[index].sums;
    if (!parts.defined()) parts = compute().moments(x);
    const at::Tensor total = parts.sum(0, false, at::kDouble) / rows;
    parts = at::Tensor();
    const at::Tensor of_batch = total[0], spread = (total[1] - of_batch * of_batch).clamp_min(0);
    const double unbiased = static_cast<double>(rows) / static_cast<double>(std::max<int64_t>(rows - 1, 1));
    parameter(2).mul_(1 - kStatisticsMomentum).add_(of_batch.detach().to(exact()), kStatisticsMomentum);
    parameter(3).mul_(1 - kStatisticsMomentum).add_((spread * unbiased).detach().to(exact()), kStatisticsMomentum);
    by_batch = channels_by_batch(channels);
    mean = at::where(by_batch, of_batch, mean);
    variance = at::where(by_batch, spread, variance);
  }
  const at::Tensor inverse = (variance + b.eps).rsqrt(), scale = parameter(0) * inverse;
  more() = {at::stack({scale, parameter(1) - mean * scale}).to(exact()), mean, inverse, by_batch};
}

void BackwardOf::operator()(const graph::BatchNorm&) const {
  const at::Tensor &x = in(), &constants = more()[0], &mean = more()[1], &inverse = more()[2];
  const Gradient dy = incoming();
  const int64_t channels = from()[0], rows = x.numel() / channels;
  const Shape shape = fused_shape(index);
  const at::Tensor scale = constants[0];
  at::Tensor q = at::zeros_like(scale), r = q;
  if (mode().trains) {
    const at::Tensor parts = dy.sums.defined() ? dy.sums : compute().backward_sums({x, constants, shape}, dy.tensor);
    const at::Tensor total = parts.sum(0, false, at::kDouble), sum = total[0], dweight = (total[1] - mean * sum) * inverse;
    give_parameter(0, dweight);
    give_parameter(1, sum);
    if (mode().batch_norm_live) {  // the statistics depend on x, too (Ioffe & Szegedy 2015)
      const at::Tensor per_x = more()[3] * -(scale * inverse * dweight) / rows;
      q = per_x.to(exact());
      r = (more()[3] * -(scale * sum) / rows - per_x * mean).to(exact());
    }
  }
  if (!wanted()) return;
  const Gradient through{dy.tensor, x, at::stack({scale, constants[1], scale, q, r}), {}, shape};
  const std::size_t source = input_index(0);
  executor.flowing_[index] = through;
  if (executor.plan_.readers[source] == 1 && !executor.flowing_[source].tensor.defined() &&
      std::holds_alternative<graph::Conv2d>(executor.graph_.nodes[source].op))
    executor.flowing_[source] = through;
  else give(gradient());
}

void ForwardOf::operator()(const graph::InstanceNorm& n) const {
  const at::Tensor x = in().to(exact()), centred = x - x.mean({1, 2}, true);
  const at::Tensor inverse = (centred.square().mean({1, 2}, true) + n.eps).rsqrt();
  give((centred * inverse).to(executor.storage_));
  if (will_go_back()) more() = {inverse};
}

/// Mean and variance depend on x, too: what the gradient has of the constant and of the output itself falls out.
void BackwardOf::operator()(const graph::InstanceNorm&) const {
  const at::Tensor dy = gradient().to(exact()), y = executor.kept_[index].output.to(exact());
  give(((dy - dy.mean({1, 2}, true) - y * (dy * y).mean({1, 2}, true)) * more()[0]).to(executor.storage_));
}

}  // namespace graft::train
