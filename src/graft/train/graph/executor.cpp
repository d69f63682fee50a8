#include "graft/train/graph/executor.h"

#include <algorithm>
#include <chrono>
#include <variant>

#include "graft/train/compute/host.h"
#include "graft/train/graph/operators.h"

namespace graft::train {
namespace {

at::Tensor parameter_copy(const graph::Parameter& p, const at::TensorOptions& options) {
  return p.tensor.empty() ? at::zeros(p.shape, options) : from_host(p.tensor.values, p.shape, options);
}

}  // namespace

at::ScalarType type_of(Storage storage) { return storage == Storage::bf16 ? at::kBFloat16 : at::kFloat; }

Executor::Executor(graph::Graph graph, at::ScalarType storage, const Compute& compute)
    : graph_(std::move(graph)), storage_(storage), compute_(compute), buffers_(compute.device) {
  const at::TensorOptions options = at::TensorOptions().dtype(exact_type(storage)).device(compute.device);
  for (const graph::Parameter& p : graph_.parameters) values.push_back(parameter_copy(p, options));
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
  for (const graph::Output& output : graph_.named_outputs()) {
    const auto node = static_cast<std::size_t>(output.node);
    ++readers_[node];
    last_reader_[node] = static_cast<int>(count);
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
  for (std::size_t i = graph_.nodes.size(); i-- > 1;) {
    const graph::Node& node = graph_.nodes[i];
    if (needs_[i] && std::visit(BackwardReads{true}, node.op)) keeps_[i] = true;
    const bool passes = std::holds_alternative<graph::BatchNorm>(node.op) || fused_[static_cast<std::size_t>(node.inputs[0])] == static_cast<int>(i);
    for (const int from : node.inputs)
      if ((needs_[i] && std::visit(BackwardReads{false}, node.op)) || (passes && keeps_[i])) keeps_[static_cast<std::size_t>(from)] = true;
  }
}

void Executor::set_outputs(std::vector<graph::Output> outputs) {
  graph_.outputs = std::move(outputs);
  find_fused();
  find_kept();
}

Outputs Executor::forward(const at::Tensor& images, const StepSeed& seed) {
  run(images, true, seed);
  Outputs outputs;
  for (const graph::Output& o : graph_.named_outputs()) outputs[o.name] = output(static_cast<std::size_t>(o.node));
  return outputs;
}

at::Tensor Executor::predict(const at::Tensor& images) {
  run(images, false, {});
  at::Tensor out = output(graph_.output());
  kept_.clear();
  return out;
}

template <class Walk>
void Executor::walk(const char* direction, std::size_t node) {
  if (!profile) return std::visit(Walk{*this, node}, graph_.nodes[node].op);
  const auto start = std::chrono::steady_clock::now();
  kernel_.clear();
  std::visit(Walk{*this, node}, graph_.nodes[node].op);
  profile_.add(describe(graph_, node) + ", " + direction, kernel_, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

void Executor::run(const at::Tensor& images, bool training, const StepSeed& seed) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  training_ = training;
  buffers_.begin_step();
  seed_ = seed;
  kept_.assign(graph_.nodes.size(), {});
  if (images.scalar_type() == storage_ && images.device() == compute_.device) kept_[0].output = images.contiguous();
  else kept_[0].output = buffers_.empty(images.sizes(), storage_).copy_(images);
  for (std::size_t i = 1; i < graph_.nodes.size(); ++i) {
    walk<ForwardOf>("forward", i);
    for (std::size_t from = 0; from < i; ++from)
      if (last_reader_[from] == static_cast<int>(i) && !(training && keeps_[from])) kept_[from].output = at::Tensor();
  }
}

at::Tensor Executor::output(std::size_t node) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  return NodeOf{*this, node}.value(node).to(exact_type(storage_));
}

void Executor::backward(const Outputs& gradients_by) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  std::map<std::size_t, at::Tensor> by_node;  // where several outputs are one node's, the sum
  for (const auto& [name, gradient] : gradients_by) {
    const std::size_t node = graph_.output(name);
    at::Tensor& sum = by_node[NodeOf{*this, node}.norm_of(node)];
    sum = sum.defined() ? sum + gradient : gradient;
  }
  flowing_.assign(graph_.nodes.size(), {});
  for (const auto& [node, gradient] : by_node) flowing_[node].tensor = gradient.to(storage_).contiguous();
  for (std::size_t i = graph_.nodes.size(); i-- > 1;) {
    if (needs_[i] && flowing_[i].tensor.defined()) walk<BackwardOf>("backward", i);
    flowing_[i] = {};
    kept_[i] = {};
  }
  kept_.clear();
  flowing_.clear();
}

}  // namespace graft::train
