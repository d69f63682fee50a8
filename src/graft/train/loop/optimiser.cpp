#include "graft/train/loop/optimiser.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/train/compute/host.h"

namespace graft::train {
namespace {

constexpr double kSecondMoment = 0.999, kEps = 1e-8;  // Adam's (Kingma & Ba 2015)
constexpr double kMeanSquare = 0.99;                  // RMSprop's, PyTorch's default

}  // namespace

Optimiser::Optimiser(const TrainConfig& config, std::vector<transfer::ParamGroup> groups, Executor& executor) : config_(config), executor_(executor) {
  const bool two = config.optimiser != OptimiserKind::sgd;
  for (transfer::ParamGroup& plan : groups) {
    Group group{.plan = std::move(plan)};
    for (const at::Tensor& value : values(group)) {
      group.first.push_back(at::zeros_like(value));
      if (two) group.second.push_back(at::zeros_like(value));
      group.steps.push_back(at::zeros({}, at::kFloat));
    }
    groups_.push_back(std::move(group));
  }
}

std::vector<at::Tensor> Optimiser::values(const Group& group) const {
  std::vector<at::Tensor> list;
  for (const int p : group.plan.parameters) list.push_back(executor_.values[static_cast<std::size_t>(p)]);
  return list;
}

std::vector<at::Tensor> Optimiser::gradients(const Group& group) const {
  std::vector<at::Tensor> list;
  for (const int p : group.plan.parameters) list.push_back(executor_.gradients[static_cast<std::size_t>(p)]);
  return list;
}

double Optimiser::gradient_norm(int epoch) const {
  std::vector<at::Tensor> all;
  for (const Group& group : groups_) {
    if (group.plan.unfreezes_at > epoch) continue;
    const std::vector<at::Tensor> of_group = gradients(group);
    all.insert(all.end(), of_group.begin(), of_group.end());
  }
  return norm_of_all(all);
}

double Optimiser::clipping(int epoch) const { return config_.clip > 0 ? std::min(1.0, config_.clip / (gradient_norm(epoch) + 1e-6)) : 1; }

void Optimiser::step(double lr, int epoch, double scale) {
  for (Group& group : groups_) {
    if (group.plan.unfreezes_at > epoch) continue;
    const std::vector<at::Tensor> to = values(group), by = gradients(group);
    if (scale != 1) at::_foreach_mul_(by, scale);
    const double rate = lr * group.plan.lr_scale, decay = group.plan.weight_decay, b1 = config_.momentum;
    const bool first = !std::exchange(group.begun, true);
    switch (config_.optimiser) {
      case OptimiserKind::sgd:
        at::_foreach_add_(group.steps, 1);
        at::_fused_sgd_(to, by, b1 > 0 ? at::TensorList(group.first) : at::TensorList(), decay, b1, rate, 0, b1 > 0, false, first);
        break;
      case OptimiserKind::adam:
        at::_foreach_add_(group.steps, 1);
        at::_fused_adam_(to, by, group.first, group.second, {}, group.steps, rate, b1, kSecondMoment, decay, kEps, false, false);
        break;
      case OptimiserKind::adamw:
        at::_foreach_add_(group.steps, 1);
        at::_fused_adamw_(to, by, group.first, group.second, {}, group.steps, rate, b1, kSecondMoment, decay, kEps, false, false);
        break;
      case OptimiserKind::rmsprop:
        at::_foreach_add_(group.steps, 1);
        for (std::size_t i = 0; i < to.size(); ++i) {
          const at::Tensor g = decay == 0 ? by[i] : by[i] + to[i] * decay;
          group.second[i].mul_(kMeanSquare).addcmul_(g, g, 1 - kMeanSquare);
          group.first[i].mul_(b1).addcdiv_(g, group.second[i].sqrt().add_(kEps));
          to[i].add_(group.first[i], -rate);
        }
        break;
    }
  }
}

std::string Optimiser::name(const char* what, int parameter) const {
  return std::string(what) + "." + executor_.graph().parameters[static_cast<std::size_t>(parameter)].name;
}

std::map<std::string, at::Tensor> Optimiser::state() const {
  std::map<std::string, at::Tensor> state;
  for (const Group& group : groups_)
    for (std::size_t i = 0; i < group.first.size(); ++i) {
      const int p = group.plan.parameters[i];
      state[name("momentum", p)] = group.first[i];
      if (!group.second.empty()) state[name("square", p)] = group.second[i];
      state[name("steps", p)] = group.steps[i];
    }
  return state;
}

void Optimiser::restore(const std::map<std::string, at::Tensor>& state, const std::string& source) {
  for (Group& group : groups_) {
    for (std::size_t i = 0; i < group.first.size(); ++i) {
      const auto take = [&](const char* what, at::Tensor& to) {
        const std::string key = name(what, group.plan.parameters[i]);
        const auto found = state.find(key);
        if (found == state.end() || found->second.sizes() != to.sizes())
          throw data_error(source, "lacks " + key + " as this training needs it", "it belongs to another training, or was changed");
        to.copy_(found->second);
      };
      take("momentum", group.first[i]);
      if (!group.second.empty()) take("square", group.second[i]);
      take("steps", group.steps[i]);
    }
    group.begun = group.steps[0].item<float>() != 0;
  }
}

}  // namespace graft::train
