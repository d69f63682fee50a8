// Steps of gradient descent over the parameters that train, by ATen's fused kernels. One group per transfer::ParamGroup.
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <string>
#include <vector>

#include "graft/train/config.h"
#include "graft/train/graph/executor.h"
#include "graft/transfer/groups.h"

namespace graft::train {

class Optimiser {
 public:
  /// Only the parameters in `groups` are in it. The executor must outlive it.
  Optimiser(const TrainConfig& config, std::vector<transfer::ParamGroup> groups, Executor& executor);

  /// Of all gradients of parameters that train in this epoch, together.
  double gradient_norm(int epoch) const;
  /// The scale that keeps that norm within config.clip; 1 where there is no limit.
  double clipping(int epoch) const;
  /// One step with learning rate lr * group.lr_scale and gradients times `scale`, for groups that train in this epoch.
  void step(double lr, int epoch, double scale = 1);

  /// What a checkpoint holds: "momentum.layer4.0.conv1.weight" and the like, and the steps each group has made.
  std::map<std::string, at::Tensor> state() const;
  /// Error (data) named `source` when a tensor is missing or has another shape.
  void restore(const std::map<std::string, at::Tensor>& state, const std::string& source);

 private:
  struct Group {
    transfer::ParamGroup plan;
    std::vector<at::Tensor> first, second;  // momentum or first moment; second moment or mean square
    std::vector<at::Tensor> steps;          // one number a parameter, as the fused kernels count
    bool begun = false;                     // whether these are beyond 0
  };
  std::vector<at::Tensor> values(const Group& group) const;
  std::vector<at::Tensor> gradients(const Group& group) const;
  std::string name(const char* what, int parameter) const;

  TrainConfig config_;
  Executor& executor_;
  std::vector<Group> groups_;
};

}  // namespace graft::train
