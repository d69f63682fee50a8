#include "graft/train/graph/executor.h"

#include <chrono>
#include <map>
#include <utility>
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
  blocks_ = in_blocks(graph_, storage_, compute_, {});
  set_modes(std::vector<StageMode>(graph_.stages.size()));
}

void Executor::set_conv_algorithms(const ConvAlgorithms& algorithms) {
  blocks_ = in_blocks(graph_, storage_, compute_, algorithms);
  plan_again();
}

void Executor::plan_again() {
  std::vector<bool> trains;
  for (const StageMode& mode : modes_) trains.push_back(mode.trains);
  plan_ = liveness_of(graph_, trains, blocks_, gradients_by_);
}

void Executor::set_modes(std::vector<StageMode> modes) {
  modes_ = std::move(modes);
  for (std::size_t p = 0; p < gradients.size(); ++p)
    if (!modes_[static_cast<std::size_t>(graph_.parameters[p].stage)].trains) gradients[p] = at::Tensor();
  plan_again();
}

void Executor::set_outputs(std::vector<graph::Output> outputs) {
  graph_.outputs = std::move(outputs);
  plan_again();
}

void Executor::set_gradients_by(std::vector<std::string> outputs) {
  gradients_by_ = std::move(outputs);
  plan_again();
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

at::Tensor Executor::differentiable(const at::Tensor& images, const StepSeed& seed) {
  walk_forward(images, true, seed);
  const auto node = static_cast<std::size_t>(graph_.output());
  at::Tensor out = NodeOf{*this, node}.value(node).to(exact_type(storage_));
  kept_.clear();
  return out;
}

void Executor::run(const at::Tensor& images, bool training, const StepSeed& seed) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  walk_forward(images, training, seed);
}

void Executor::walk_forward(const at::Tensor& images, bool training, const StepSeed& seed) {
  training_ = training;
  buffers_.begin_step();
  seed_ = seed;
  kept_.assign(graph_.nodes.size(), {});
  if (images.scalar_type() == storage_ && images.device() == compute_.device) kept_[0].output = images.contiguous();
  else kept_[0].output = buffers_.empty(images.sizes(), storage_).copy_(images);
  for (std::size_t i = 1; i < graph_.nodes.size(); ++i) {
    walk<ForwardOf>("forward", i);
    for (const std::size_t done : plan_.done_at[i])
      if (!(training && plan_.keeps[done])) kept_[done].output = at::Tensor();
  }
}

std::vector<at::Tensor> Executor::held() const {
  std::vector<at::Tensor> outputs;
  for (const Kept& kept : kept_) outputs.push_back(kept.output);
  return outputs;
}

at::Tensor Executor::output(std::size_t node) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  return NodeOf{*this, node}.value(node).to(exact_type(storage_));
}

Outputs Executor::backward(const Outputs& gradients_of) {
  const at::AutoDispatchBelowADInplaceOrView no_autograd;
  const auto flows_at = [&](const std::string& name) { return NodeOf{*this, 0}.norm_of(graph_.output(name)); };
  std::map<std::size_t, at::Tensor> given;  // by node; where several outputs are one node's, the sum
  for (const auto& [name, gradient] : gradients_of) {
    at::Tensor& sum = given[flows_at(name)];
    sum = sum.defined() ? sum + gradient : gradient;
  }
  flowing_.assign(graph_.nodes.size(), {});
  for (const auto& [node, gradient] : given) flowing_[node].tensor = gradient.to(storage_).contiguous();
  std::multimap<std::size_t, std::string> wanted;
  for (const std::string& name : gradients_by_) wanted.emplace(flows_at(name), name);
  Outputs by;
  for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
    // All that read the node have given by now, and its own operator has not yet begun to take the gradient further.
    for (auto [w, end] = wanted.equal_range(i); w != end; ++w)
      by[w->second] = flowing_[i].tensor.defined() ? flowing_[i].tensor.to(exact_type(storage_)) : at::zeros_like(output(i));
    if (i > 0 && plan_.needs[i] && flowing_[i].tensor.defined()) walk<BackwardOf>("backward", i);
    flowing_[i] = {};
    kept_[i] = {};
  }
  kept_.clear();
  flowing_.clear();
  return by;
}

}  // namespace graft::train
