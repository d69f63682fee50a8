#include "graft/train/executor.h"

#include <algorithm>
#include <chrono>
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
  by_aten_.assign(graph_.nodes.size(), false);
  find_fused();
  set_modes(std::vector<StageMode>(graph_.stages.size()));
}

void Executor::set_ways(const Ways& ways) {
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    const auto way = ways.find(describe(graph_, i));
    by_aten_[i] = way != ways.end() && way->second == kAten;
  }
}

void Executor::find_fused() {
  const std::size_t count = graph_.nodes.size();
  for (std::vector<int>* list : {&fused_, &first_reader_, &last_reader_}) list->assign(count, -1);
  readers_.assign(count, 0);
  for (std::size_t i = 0; i < count; ++i)
    for (const int from : graph_.nodes[i].inputs) {
      const auto f = static_cast<std::size_t>(from);
      if (readers_[f]++ == 0) first_reader_[f] = static_cast<int>(i);
      last_reader_[f] = static_cast<int>(i);
    }
  for (std::size_t i = count; i-- > 1;) {
    const graph::Node& node = graph_.nodes[i];
    const auto from = static_cast<std::size_t>(node.inputs[0]);
    if (const auto* a = std::get_if<graph::Activation>(&node.op); a != nullptr && readers_[from] == 1) {
      const bool by_output = a->function == graph::Function::relu || a->function == graph::Function::relu6;
      if (shape_of(a->function) && std::holds_alternative<graph::BatchNorm>(graph_.nodes[from].op)) fused_[from] = static_cast<int>(i);
      else if (by_output && std::holds_alternative<graph::Add>(graph_.nodes[from].op)) fused_[from] = static_cast<int>(i);
    }
    // A batch norm's input is read whenever its output is.
    if (fused_[from] == static_cast<int>(i) || std::holds_alternative<graph::BatchNorm>(node.op))
      last_reader_[from] = std::max(last_reader_[from], last_reader_[i]);
  }
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
  find_kept();
}

/// Backward reads an output when its own operator does or a reader, or when a batch norm's output is computed from it for one that does.
void Executor::find_kept() {
  keeps_.assign(graph_.nodes.size(), false);
  for (const std::size_t node : watched_) keeps_[node] = true;
  for (std::size_t i = graph_.nodes.size(); i-- > 1;) {
    const graph::Node& node = graph_.nodes[i];
    if (needs_[i] && std::visit(BackwardReads{true}, node.op)) keeps_[i] = true;
    const bool passes = std::holds_alternative<graph::BatchNorm>(node.op) || fused_[static_cast<std::size_t>(node.inputs[0])] == static_cast<int>(i);
    for (const int from : node.inputs)
      if ((needs_[i] && std::visit(BackwardReads{false}, node.op)) || (passes && keeps_[i])) keeps_[static_cast<std::size_t>(from)] = true;
  }
}

void Executor::watch(std::vector<std::size_t> nodes) {
  watched_ = std::move(nodes);
  find_kept();
}

at::Tensor Executor::forward(const at::Tensor& images, const StepSeed& seed) { return run(images, true, seed); }
at::Tensor Executor::predict(const at::Tensor& images) { return run(images, false, {}); }

template <class Walk>
void Executor::walk(const char* direction, std::size_t node) {
  if (!profile) return std::visit(Walk{*this, node}, graph_.nodes[node].op);
  const auto start = std::chrono::steady_clock::now();
  kernel_.clear();
  std::visit(Walk{*this, node}, graph_.nodes[node].op);
  profile_.add(describe(graph_, node) + ", " + direction, kernel_, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

at::Tensor Executor::run(const at::Tensor& images, bool training, const StepSeed& seed) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  training_ = training;
  buffers_.begin_step();
  seed_ = seed;
  kept_.assign(graph_.nodes.size(), {});
  if (images.scalar_type() == storage_) kept_[0].output = images.contiguous();
  else kept_[0].output = buffers_.empty(images.sizes(), storage_).copy_(images);
  for (std::size_t i = 1; i < graph_.nodes.size(); ++i) {
    walk<ForwardOf>("forward", i);
    for (std::size_t from = 0; from < i; ++from)
      if (last_reader_[from] == static_cast<int>(i) && !(training && keeps_[from])) kept_[from].output = at::Tensor();
  }
  at::Tensor out = NodeOf{*this, kept_.size() - 1}.value(kept_.size() - 1).to(at::kFloat);
  if (!training) kept_.clear();
  return out;
}

at::Tensor Executor::output(std::size_t node) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  return NodeOf{*this, node}.value(node).to(at::kFloat);
}

void Executor::backward(const at::Tensor& gradient, const std::map<std::size_t, at::Tensor>& of_outputs) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  flowing_.assign(graph_.nodes.size(), {});
  flowing_.back().tensor = gradient.to(storage_).contiguous();
  for (const auto& [node, by_output] : of_outputs) {
    const std::size_t whole = fused_[node] < 0 ? node : static_cast<std::size_t>(fused_[node]);
    at::Tensor& sum = flowing_[NodeOf{*this, whole}.norm_of(whole)].tensor;
    const at::Tensor stored = by_output.to(storage_).contiguous();
    sum = sum.defined() ? sum + stored : stored;
  }
  for (std::size_t i = graph_.nodes.size(); i-- > 1;) {
    if (needs_[i] && flowing_[i].tensor.defined()) walk<BackwardOf>("backward", i);
    flowing_[i] = {};
    kept_[i] = {};
  }
  kept_.clear();
  flowing_.clear();
}

}  // namespace graft::train
