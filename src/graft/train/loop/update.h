// From the gradients of a step, or of the several whose sum is one, to new weights: what a training, the search for its learning rate and the measure of
// its cost share.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graft/train/config.h"
#include "graft/train/graph/executor.h"
#include "graft/train/loop/optimiser.h"
#include "graft/train/terms/term.h"
#include "graft/transfer/groups.h"

namespace graft::train {

/// The groups that are trained. With l2_sp nothing below the head is decayed to 0.
std::vector<transfer::ParamGroup> groups_of(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config);

/// L2-SP (Li et al. 2018): adds strength * (w - source's w) to the gradient of every parameter below the head that trains, which is that of
/// strength / 2 * |w - source's w|^2. `source` has the executor's parameters.
void pull_to_source(Executor& executor, const graph::Graph& source, double strength);

/// Refers to all its arguments, which must outlive it.
class Update {
 public:
  /// `source`: the graph as the training begins.
  Update(Executor& executor, const graph::Graph& source, const transfer::Plan& plan, const TrainConfig& config);

  /// From now on the terms' rivals, which must outlive it, are moved as well, by their own gradients and as fast as the head.
  void take_in(const std::vector<Term>& terms);

  /// L2-SP's pull, clipping, and a step of the optimiser by the executor's gradients.
  void operator()(double lr, int epoch);

  /// Of the optimisers, and the parameters of the rivals: what a checkpoint holds besides the executor's.
  std::map<std::string, at::Tensor> state() const;
  /// Error (data) named `source` when a tensor is missing or has another shape.
  void restore(const std::map<std::string, at::Tensor>& state, const std::string& source);

 private:
  Executor& executor_;
  const graph::Graph& source_;
  const TrainConfig& config_;
  transfer::Strategy strategy_;
  Optimiser optimiser_;
  struct Rival {
    Executor& executor;
    Optimiser optimiser;
  };
  std::vector<Rival> rivals_;
};

}  // namespace graft::train
