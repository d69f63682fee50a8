// Gradient descent on the parameters that train, with ATen's fused kernels. There is one group of tensors per transfer::ParamGroup.
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
  /// Optimizes only the parameters in `groups`. The executor must outlive it.
  Optimiser(const TrainConfig& config, std::vector<transfer::ParamGroup> groups, Executor& executor);

  /// The norm of the gradients of all parameters that train in this epoch, taken as one vector.
  double gradient_norm(int epoch) const;
  /// The factor that keeps this norm within config.clip; 1 if there is no limit.
  double clipping(int epoch) const;
  /// One step for the groups that train in this epoch, with the learning rate lr * group.lr_scale and the gradients times `scale`.
  void step(double lr, int epoch, double scale = 1);

  /// The optimizer's part of a checkpoint: "momentum.layer4.0.conv1.weight" and the like, and the number of steps of each group.
  std::map<std::string, at::Tensor> state() const;
  /// Error (data) naming `source` if a tensor is missing or has another shape.
  void restore(const std::map<std::string, at::Tensor>& state, const std::string& source);

 private:
  struct Group {
    transfer::ParamGroup plan;
    std::vector<at::Tensor> first, second;  // momentum or first moment; second moment or mean square
    std::vector<at::Tensor> steps;          // the step count of each parameter, as the fused kernels want it
    bool begun = false;                     // whether the group has made a step
  };
  std::vector<at::Tensor> values(const Group& group) const;
  std::vector<at::Tensor> gradients(const Group& group) const;
  std::string name(const char* what, int parameter) const;

  TrainConfig config_;
  Executor& executor_;
  std::vector<Group> groups_;
};

}  // namespace graft::train
