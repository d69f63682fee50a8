// The operators without large sums: pools, and those that move values or add them.
#include "graft/train/graph/operators.h"

#include "graft/base/error.h"
#include "graft/train/compute/host.h"

namespace graft::train {

Shape NodeOf::fused_shape(std::size_t i) const {
  const int activation = executor.plan_.fused[i];
  if (activation < 0) return Shape::identity;
  return *shape_of(std::get<graph::Activation>(executor.graph_.nodes[static_cast<std::size_t>(activation)].op).function);
}

std::size_t NodeOf::norm_of(std::size_t i) const {
  if (!std::holds_alternative<graph::Activation>(executor.graph_.nodes[i].op)) return i;
  const auto from = static_cast<std::size_t>(executor.graph_.nodes[i].inputs[0]);
  return is_norm(from) && executor.plan_.fused[from] == static_cast<int>(i) ? from : i;
}

Value NodeOf::value_of(std::size_t i) const {
  const std::size_t norm = norm_of(i);
  if (!is_norm(norm)) return {executor.kept_[i].output, {}};
  return {value(static_cast<std::size_t>(executor.graph_.nodes[norm].inputs[0])), executor.kept_[norm].more[0], fused_shape(norm)};
}

const at::Tensor& NodeOf::value(std::size_t i) const {
  at::Tensor& output = executor.kept_[i].output;
  if (!output.defined()) output = compute().materialise(value_of(i), buffers());
  return output;
}

at::Tensor NodeOf::drawn_here(uint64_t seed, double p, at::IntArrayRef sizes) const {
  return drawn(seed, executor.seed_.step * kMostNodes + index, p, sizes, compute().device);
}

const at::Tensor& BackwardOf::gradient() const {
  Gradient& g = executor.flowing_[index];
  if (g.z.defined()) g = {compute().through(g, buffers()), {}, {}, {}};
  return g.tensor;
}

void BackwardOf::give(const at::Tensor& gradient, std::size_t i) const {
  if (!wanted(i)) return;
  Gradient& sum = executor.flowing_[norm_of(input_index(i))];
  sum.tensor = sum.tensor.defined() ? sum.tensor + gradient : gradient;  // a new tensor: the old one may be another node's, too
  sum.sums = at::Tensor();
}

void BackwardOf::give_all(const at::Tensor& gradient, const at::Tensor& sums) const {
  executor.flowing_[norm_of(input_index(0))] = {gradient, {}, {}, sums};
}

bool BackwardOf::sums_wanted() const {
  const std::size_t norm = norm_of(input_index(0));
  return completes() && is_norm(norm) && mode_of(norm).trains;
}

void BackwardOf::give_parameter(std::size_t i, const at::Tensor& gradient) const {
  const auto p = static_cast<std::size_t>(node().parameters[i]);
  executor.gradients[p] = gradient.to(exact()).reshape(executor.values[p].sizes()).contiguous();
}

void ForwardOf::operator()(const graph::Activation& a) const {
  if (norm_of(index) != index) return;
  if (executor.plan_.fused[input_index(0)] == static_cast<int>(index)) return give(in());
  switch (a.function) {
    case graph::Function::relu: return give(at::relu(in()));
    case graph::Function::relu6: return give(at::clamp(in(), 0, 6));
    case graph::Function::sigmoid: return give(at::sigmoid(in()));
    case graph::Function::hard_sigmoid: return give(at::hardsigmoid(in()));
    case graph::Function::silu: return give(at::silu(in()));
    case graph::Function::hard_swish: return give(at::hardswish(in()));
    case graph::Function::gelu: return give(at::gelu(in()));
    case graph::Function::tanh: return give(at::tanh(in()));
    case graph::Function::leaky_relu: return give(at::leaky_relu(in(), graph::kLeak));
  }
}

void BackwardOf::operator()(const graph::Activation& a) const {
  const at::Tensor& out = executor.kept_[index].output;
  switch (a.function) {
    case graph::Function::relu: return give(at::threshold_backward(gradient(), out, 0));
    case graph::Function::relu6: return give(at::hardtanh_backward(gradient(), out, 0, 6));
    case graph::Function::sigmoid: return give(at::sigmoid_backward(gradient(), out));
    case graph::Function::hard_sigmoid: return give(at::hardsigmoid_backward(gradient(), in()));
    case graph::Function::silu: return give(at::silu_backward(gradient(), in()));
    case graph::Function::hard_swish: return give(at::hardswish_backward(gradient(), in()));
    case graph::Function::gelu: return give(at::gelu_backward(gradient(), in()));
    case graph::Function::tanh: return give(at::tanh_backward(gradient(), out));
    case graph::Function::leaky_relu: return give(at::leaky_relu_backward(gradient(), out, graph::kLeak, true));
  }
}

void ForwardOf::operator()(const graph::MaxPool& p) const {
  auto [out, places] =
      at::max_pool2d_with_indices(channels_first(in()), {p.kernel, p.kernel}, {p.stride, p.stride}, {p.padding, p.padding}, {1, 1}, p.ceil);
  give(channels_last(out));
  if (will_go_back()) more() = {places};
}
void BackwardOf::operator()(const graph::MaxPool& p) const {
  give(channels_last(at::max_pool2d_with_indices_backward(channels_first(gradient()), channels_first(in()), {p.kernel, p.kernel},
                                                          {p.stride, p.stride}, {p.padding, p.padding}, {1, 1}, p.ceil, more()[0])));
}

void ForwardOf::operator()(const graph::AveragePool& p) const {
  give(channels_last(at::avg_pool2d(channels_first(in()), {p.kernel, p.kernel}, {p.stride, p.stride}, {p.padding, p.padding})));
}
void BackwardOf::operator()(const graph::AveragePool& p) const {
  give(channels_last(at::avg_pool2d_backward(channels_first(gradient()), channels_first(in()), {p.kernel, p.kernel}, {p.stride, p.stride},
                                             {p.padding, p.padding}, false, true, std::nullopt)));
}

void ForwardOf::operator()(const graph::AdaptiveAveragePool& p) const {
  give(channels_last(at::_adaptive_avg_pool2d(channels_first(in()), {p.size, p.size})));
}
void BackwardOf::operator()(const graph::AdaptiveAveragePool&) const {
  give(channels_last(at::_adaptive_avg_pool2d_backward(channels_first(gradient()), channels_first(in()))));
}

void ForwardOf::operator()(const graph::ReflectionPad& p) const {
  give(channels_last(at::reflection_pad2d(channels_first(in()), {p.size, p.size, p.size, p.size})));
}
/// ATen wants the input for its shape alone, which the middle of the gradient has.
void BackwardOf::operator()(const graph::ReflectionPad& p) const {
  const at::Tensor padded = channels_first(gradient()), middle = padded.narrow(2, p.size, from()[1]).narrow(3, p.size, from()[2]);
  give(channels_last(at::reflection_pad2d_backward(padded, middle, {p.size, p.size, p.size, p.size})));
}

void ForwardOf::operator()(const graph::GlobalAveragePool& p) const {
  if (from().size() == 2) return give(in().mean(1));
  give(in().mean({1, 2}, p.keep));
}
void BackwardOf::operator()(const graph::GlobalAveragePool& p) const {
  if (from().size() == 2) return give((gradient() / from()[0]).unsqueeze(1).expand({-1, from()[0], -1}).contiguous());
  const at::Tensor share = gradient() / (from()[1] * from()[2]);
  give((p.keep ? share : share.unsqueeze(1).unsqueeze(1)).expand({-1, from()[1], from()[2], -1}).contiguous());
}

/// In the order of the state dict's layers, which see (C, H, W).
void ForwardOf::operator()(const graph::Flatten&) const { give(from().size() == 3 ? channels_first(in()).flatten(1).contiguous() : in().flatten(1)); }
void BackwardOf::operator()(const graph::Flatten&) const {
  const graph::Dims& d = from();
  if (d.size() == 3) give(channels_last(gradient().view({-1, d[0], d[1], d[2]})));
  else give(d.size() == 2 ? gradient().view({-1, d[0], d[1]}) : gradient());
}

/// Each element's, or whole sample's, own draw, so that neither threads nor what ran before matter.
void ForwardOf::operator()(const graph::Dropout& d) const {
  if (!executor.training_ || !mode().trains || d.probability <= 0) return give(in());
  std::vector<int64_t> sizes = in().sizes().vec();
  if (d.whole) std::fill(sizes.begin() + 1, sizes.end(), 1);
  const auto keep = static_cast<float>(1 / (1 - d.probability));
  more() = {drawn_here(executor.seed_.seed, d.probability, sizes).to(executor.storage_) * keep};
  give(in() * more()[0]);
}
void BackwardOf::operator()(const graph::Dropout&) const { give(more().empty() ? gradient() : gradient() * more()[0]); }

/// Batch norms without an activation are computed as they are added, and so is an activation of the sum.
void ForwardOf::operator()(const graph::Add&) const {
  const auto part = [&](std::size_t i) {
    const Value v = read_input(i);
    return v.shape == Shape::identity ? v : Value{in(i), {}};
  };
  give(compute().join(part(0), part(1), fused_shape(index), buffers()));
}
void BackwardOf::operator()(const graph::Add&) const {
  give(gradient(), 0);
  give(gradient(), 1);
}

void ForwardOf::operator()(const graph::Multiply&) const { give(in(0) * in(1)); }
void BackwardOf::operator()(const graph::Multiply&) const {
  if (wanted(0)) give(gradient() * in(1), 0);
  if (wanted(1)) give((gradient() * in(0)).sum({1, 2}, true), 1);
}

void ForwardOf::operator()(const graph::Scale&) const { give(in() * stored(0).flatten()); }
void BackwardOf::operator()(const graph::Scale&) const {
  if (mode().trains) give_parameter(0, (gradient() * in()).flatten(0, -2).sum(0, false, exact()));
  if (wanted()) give(gradient() * stored(0).flatten());
}

void ForwardOf::operator()(const graph::Concat&) const {
  std::vector<at::Tensor> parts;
  for (std::size_t i = 0; i < node().inputs.size(); ++i) parts.push_back(in(i));
  give(at::cat(parts, -1));
}
void BackwardOf::operator()(const graph::Concat&) const {
  int64_t first = 0;
  for (std::size_t i = 0; i < node().inputs.size(); ++i) {
    const int64_t channels = executor.graph_.nodes[input_index(i)].dims[0];
    give(gradient().narrow(-1, first, channels).contiguous(), i);
    first += channels;
  }
}

void ForwardOf::operator()(const graph::ChannelSlice& c) const { give(in().narrow(-1, c.begin, c.length).contiguous()); }
void BackwardOf::operator()(const graph::ChannelSlice& c) const { give(at::constant_pad_nd(gradient(), {c.begin, from()[0] - c.begin - c.length})); }

void ForwardOf::operator()(const graph::ChannelShuffle& c) const {
  give(in().unflatten(-1, {c.groups, from()[0] / c.groups}).transpose(-1, -2).flatten(-2).contiguous());
}
void BackwardOf::operator()(const graph::ChannelShuffle& c) const {
  give(gradient().unflatten(-1, {from()[0] / c.groups, c.groups}).transpose(-1, -2).flatten(-2).contiguous());
}

void ForwardOf::operator()(const graph::MirrorViews&) const { give(at::cat({in(), in().flip({2})}, 0)); }
void BackwardOf::operator()(const graph::MirrorViews&) const {
  const auto views = gradient().chunk(2, 0);
  give(views[0] + views[1].flip({2}));
}

void ForwardOf::operator()(const graph::MeanOfViews&) const {
  const auto views = in().chunk(2, 0);
  give((views[0] + views[1]) / 2);
}
void ForwardOf::operator()(const graph::Foreign&) const {
  throw usage_error(executor.graph_.name, "this ONNX network has operators that graft runs but cannot train", "use --strategy head");
}

void BackwardOf::operator()(const graph::MeanOfViews&) const { give(at::cat({gradient(), gradient()}, 0) / 2); }

}  // namespace graft::train
