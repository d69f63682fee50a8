#include "graft/train/meta/learner.h"

#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <utility>

#include "graft/base/error.h"

namespace graft::train {
namespace {

at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& labels) { return at::nll_loss(at::log_softmax(logits, 1), labels); }

int64_t right_of(const at::Tensor& logits, const at::Tensor& labels) { return logits.argmax(1).eq(labels).sum().item<int64_t>(); }

std::vector<at::Tensor> leaves(const std::vector<at::Tensor>& values) {
  std::vector<at::Tensor> list;
  for (const at::Tensor& value : values) list.push_back(value.detach().requires_grad_());
  return list;
}

}  // namespace

Adam::Adam(const std::vector<at::Tensor>& values) {
  for (const at::Tensor& value : values) {
    first.push_back(at::zeros_like(value));
    second.push_back(at::zeros_like(value));
    steps.push_back(at::zeros({}, at::kFloat));
  }
}

void Adam::step(const std::vector<at::Tensor>& values, const std::vector<at::Tensor>& gradients, double lr, double first_moment) {
  std::vector<at::Tensor> by;
  for (const at::Tensor& gradient : gradients) by.push_back(gradient.contiguous());
  at::_foreach_add_(steps, 1);
  at::_fused_adam_(values, by, first, second, {}, steps, lr, first_moment, 0.999, 0, 1e-8, false, false);
}

Learner::Learner(const graph::Graph& graph, const MetaConfig& config, at::ScalarType storage) : config_(config), executor_(graph, storage, plain()) {
  const graph::Graph& g = executor_.graph();
  base_ = executor_.values;
  statistics_.resize(base_.size());
  const int last = static_cast<int>(g.stages.size()) - 1;
  for (std::size_t p = 0; p < base_.size(); ++p) {
    const graph::Parameter& parameter = g.parameters[p];
    const bool head = config.by_gradient_steps() && parameter.stage == last;
    if (parameter.buffer) {
      statistics_[p] = base_[p];
    } else if (config.method != MetaMethod::meta_transfer || head) {
      learned.push_back(base_[p]);
      parts_.push_back({Part::Kind::itself, p, head});
    } else if (parameter.shape.size() == 4) {  // a number for each kernel that sees one channel, and one for each channel that comes out
      learned.push_back(at::ones({base_[p].size(0), base_[p].size(1), 1, 1}, base_[p].options()));
      parts_.push_back({Part::Kind::scale, p, false});
      const std::string bias = parameter.name.substr(0, parameter.name.rfind('.')) + ".bias";
      const auto found = std::ranges::find(g.parameters, bias, &graph::Parameter::name);
      if (found == g.parameters.end()) continue;
      const auto b = static_cast<std::size_t>(found - g.parameters.begin());
      learned.push_back(at::zeros_like(base_[b]));
      parts_.push_back({Part::Kind::shift, b, false});
    }
  }
}

std::vector<at::Tensor> Learner::weights_of(const std::vector<at::Tensor>& learned_now) const {
  std::vector<at::Tensor> weights = base_;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    at::Tensor& to = weights[parts_[i].parameter];
    switch (parts_[i].kind) {
      case Part::Kind::itself: to = learned_now[i]; break;
      case Part::Kind::scale: to = base_[parts_[i].parameter] * learned_now[i]; break;
      case Part::Kind::shift: to = base_[parts_[i].parameter] + learned_now[i]; break;
    }
  }
  return weights;
}

at::Tensor Learner::answers(const std::vector<at::Tensor>& learned_now, const at::Tensor& pictures) {
  executor_.values = weights_of(learned_now);
  for (std::size_t p = 0; p < statistics_.size(); ++p)
    if (statistics_[p].defined()) executor_.values[p] = statistics_[p];
  return executor_.differentiable(pictures, {});
}

/// (support, then queries; features) to the queries' logits: minus the square of the distance to the mean of each class.
at::Tensor Learner::by_prototypes(const at::Tensor& features, const at::Tensor& labels) const {
  const int64_t support = labels.size(0);
  const at::Tensor of_class = at::one_hot(labels, config_.ways).to(features.scalar_type());
  const at::Tensor prototypes = at::matmul(of_class.t(), features.narrow(0, 0, support)) / of_class.sum(0).unsqueeze(1);
  const at::Tensor queries = features.narrow(0, support, features.size(0) - support);
  return -(queries.unsqueeze(1) - prototypes.unsqueeze(0)).square().sum(2);
}

bool Learner::moves_in_task(std::size_t i) const {
  return parts_[i].head || config_.method == MetaMethod::maml || config_.method == MetaMethod::reptile;
}

std::vector<at::Tensor> Learner::adapted(std::vector<at::Tensor> now, const TaskPhotos& support, bool second_order) {
  for (int step = 0; step < config_.inner_steps; ++step) {
    std::vector<at::Tensor> moving;
    for (std::size_t i = 0; i < now.size(); ++i)
      if (moves_in_task(i)) moving.push_back(now[i]);
    const at::Tensor loss = cross_entropy(answers(now, support.pictures), support.labels);
    const auto slopes = torch::autograd::grad({loss}, moving, {}, std::nullopt, second_order);
    for (std::size_t i = 0, m = 0; i < now.size(); ++i)
      if (moves_in_task(i)) now[i] = now[i] - slopes[m++] * config_.inner_lr;
  }
  return now;
}

/// As many steps on parts of all of the task's photos.
std::vector<at::Tensor> Learner::adapted_by_adam(const Task& task) {
  std::vector<at::Tensor> now;
  for (const at::Tensor& value : learned) now.push_back(value.detach().clone());
  Adam adam(now);
  const at::Tensor pictures = at::cat({task.support.pictures, task.query.pictures}), labels = at::cat({task.support.labels, task.query.labels});
  const int64_t parts = std::min<int64_t>(config_.inner_steps, std::max<int64_t>(1, labels.size(0) / (2 * config_.ways)));
  for (int step = 0; step < config_.inner_steps; ++step) {
    const at::Tensor some = at::arange(step % parts, labels.size(0), parts);  // the photos of a class follow each other: every part has all classes
    const std::vector<at::Tensor> moving = leaves(now);
    const at::Tensor loss = cross_entropy(answers(moving, pictures.index_select(0, some)), labels.index_select(0, some));
    adam.step(now, torch::autograd::grad({loss}, moving), config_.inner_lr, 0);  // without momentum, as Nichol et al. 2018
  }
  return now;
}

Learner::Loss Learner::add_gradient(const Task& task, std::vector<at::Tensor>& gradient) {
  executor_.set_modes(std::vector<StageMode>(executor_.graph().stages.size(), {.trains = true, .batch_norm_live = true}));
  if (config_.method == MetaMethod::reptile) {
    const std::vector<at::Tensor> there = adapted_by_adam(task);
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += learned[i] - there[i];
    const at::NoGradGuard no_gradient;
    return {{}, right_of(answers(there, task.query.pictures), task.query.labels)};
  }
  const std::vector<at::Tensor> begin = leaves(learned);
  at::Tensor logits;
  if (config_.method == MetaMethod::protonet) {
    logits = by_prototypes(answers(begin, at::cat({task.support.pictures, task.query.pictures})), task.support.labels);
  } else {
    logits = answers(adapted(begin, task.support, !config_.first_order), task.query.pictures);
  }
  const at::Tensor loss = cross_entropy(logits, task.query.labels);
  const auto slopes = torch::autograd::grad({loss}, begin);
  for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += slopes[i];
  return {loss.detach(), right_of(logits, task.query.labels)};
}

int64_t Learner::right(const Task& task) {
  const bool prototypes = config_.method == MetaMethod::protonet;
  executor_.set_modes(std::vector<StageMode>(executor_.graph().stages.size(), {.trains = true, .batch_norm_live = !prototypes}));
  std::vector<at::Tensor> kept;
  for (at::Tensor& s : statistics_) {
    kept.push_back(s);
    if (s.defined()) s = s.clone();
  }
  at::Tensor logits;
  if (prototypes) {
    const at::NoGradGuard no_gradient;
    logits = by_prototypes(answers(learned, at::cat({task.support.pictures, task.query.pictures})), task.support.labels);
  } else {
    const TaskPhotos none{task.query.pictures.narrow(0, 0, 0), task.query.labels.narrow(0, 0, 0)};
    const std::vector<at::Tensor> there =
        config_.method == MetaMethod::reptile ? adapted_by_adam({task.support, none}) : adapted(leaves(learned), task.support, false);
    const at::NoGradGuard no_gradient;
    logits = answers(there, task.query.pictures);
  }
  statistics_ = std::move(kept);
  return right_of(logits, task.query.labels);
}

graph::Graph Learner::network() const {
  graph::Graph graph = executor_.graph();
  std::vector<at::Tensor> weights = weights_of(learned);
  for (std::size_t p = 0; p < weights.size(); ++p) {
    const at::Tensor value = (statistics_[p].defined() ? statistics_[p] : weights[p]).detach().to(at::kFloat).contiguous();
    graph.parameters[p].tensor = graph::Tensor::copy_of({value.const_data_ptr<float>(), static_cast<std::size_t>(value.numel())});
  }
  return graph;
}

}  // namespace graft::train
