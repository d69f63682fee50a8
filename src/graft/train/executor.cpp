#include "graft/train/executor.h"

#include <algorithm>
#include <variant>

#include "graft/train/operators.h"

namespace graft::train {
namespace {

at::Tensor parameter_copy(const graph::Parameter& p) {
  at::Tensor value = at::zeros(p.shape, at::kFloat);
  if (!p.tensor.empty()) std::copy(p.tensor.values.begin(), p.tensor.values.end(), value.mutable_data_ptr<float>());
  return value;
}

}  // namespace

Executor::Executor(graph::Graph graph, at::ScalarType storage) : graph_(std::move(graph)), storage_(storage) {
  for (const graph::Parameter& p : graph_.parameters) values.push_back(parameter_copy(p));
  gradients.resize(values.size());
  const std::size_t count = graph_.nodes.size();
  fused_.assign(count, -1);
  last_reader_.assign(count, -1);
  std::vector<int> readers(count);
  for (std::size_t i = 0; i < count; ++i)
    for (const int from : graph_.nodes[i].inputs) {
      ++readers[static_cast<std::size_t>(from)];
      last_reader_[static_cast<std::size_t>(from)] = static_cast<int>(i);
    }
  for (std::size_t i = 0; i < count; ++i) {
    const graph::Node& node = graph_.nodes[i];
    if (!std::holds_alternative<graph::Activation>(node.op)) continue;
    const auto from = static_cast<std::size_t>(node.inputs[0]);
    const bool known = shape_of(std::get<graph::Activation>(node.op).function).has_value();
    if (known && readers[from] == 1 && std::holds_alternative<graph::BatchNorm>(graph_.nodes[from].op)) fused_[from] = static_cast<int>(i);
  }
  set_modes(std::vector<StageMode>(graph_.stages.size()));
}

void Executor::set_modes(std::vector<StageMode> modes) {
  modes_ = std::move(modes);
  needs_.assign(graph_.nodes.size(), false);
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    const graph::Node& node = graph_.nodes[i];
    needs_[i] = modes_[static_cast<std::size_t>(node.stage)].trains && !node.parameters.empty();
    for (const int from : node.inputs) needs_[i] = needs_[i] || needs_[static_cast<std::size_t>(from)];
  }
  for (std::size_t p = 0; p < gradients.size(); ++p)
    if (!modes_[static_cast<std::size_t>(graph_.parameters[p].stage)].trains) gradients[p] = at::Tensor();
}

at::Tensor Executor::forward(const at::Tensor& images, const StepSeed& seed) { return run(images, true, seed); }
at::Tensor Executor::predict(const at::Tensor& images) { return run(images, false, {}); }

at::Tensor Executor::run(const at::Tensor& images, bool training, const StepSeed& seed) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  training_ = training;
  seed_ = seed;
  kept_.assign(graph_.nodes.size(), {});
  kept_[0].output = images.to(storage_).contiguous();
  for (std::size_t i = 1; i < graph_.nodes.size(); ++i) {
    std::visit(ForwardOf{*this, i}, graph_.nodes[i].op);
    for (const int from : graph_.nodes[i].inputs)
      if (last_reader_[static_cast<std::size_t>(from)] == static_cast<int>(i)) release(static_cast<std::size_t>(from));
  }
  at::Tensor out = kept_.back().output.to(at::kFloat);
  if (!training) kept_.clear();
  return out;
}

/// Behind its last reader: drops the output unless backward reads it, its own or that of a reader's.
void Executor::release(std::size_t node) {
  bool read = false;
  for (std::size_t i = node; i < graph_.nodes.size() && static_cast<int>(i) <= last_reader_[node]; ++i) {
    const auto& inputs = graph_.nodes[i].inputs;
    const bool reads = std::ranges::find(inputs, static_cast<int>(node)) != inputs.end();
    read = read || (training_ && needs_[i] && (reads || i == node) && std::visit(BackwardReads{i == node}, graph_.nodes[i].op));
  }
  if (!read) kept_[node].output = at::Tensor();
}

void Executor::backward(const at::Tensor& gradient) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  flowing_.assign(graph_.nodes.size(), {});
  flowing_.back() = gradient.to(storage_);
  for (std::size_t i = graph_.nodes.size(); i-- > 1;) {
    if (needs_[i] && flowing_[i].defined()) std::visit(BackwardOf{*this, i}, graph_.nodes[i].op);
    flowing_[i] = at::Tensor();
    kept_[i] = {};
  }
  kept_.clear();
  flowing_.clear();
}

}  // namespace graft::train
