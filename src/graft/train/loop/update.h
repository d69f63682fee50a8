// Updates the weights from the gradients of a step, or from gradients accumulated over several steps. Shared by training, the learning-rate search
// and the cost measurement.
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

/// The parameter groups to optimize. With l2_sp, nothing below the head has weight decay towards 0.
std::vector<transfer::ParamGroup> groups_of(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config);

/// L2-SP (Li et al. 2018): adds strength * (w - source's w), the gradient of strength / 2 * |w - source's w|^2, to the gradient of every parameter
/// below the head that trains. `source` has the same parameters as the executor.
void pull_to_source(Executor& executor, const graph::Graph& source, double strength);

/// Keeps references to all its arguments, which must outlive it.
class Update {
 public:
  /// `source`: the graph as it is when training begins.
  Update(Executor& executor, const graph::Graph& source, const transfer::Plan& plan, const TrainConfig& config);

  /// From now on also updates the rival networks of the terms, by their own gradients and with the head's learning rate. The rivals must outlive it.
  void take_in(const std::vector<Term>& terms);

  /// Applies L2-SP, gradient clipping, and one optimizer step with the executor's gradients.
  void operator()(double lr, int epoch);

  /// What a checkpoint holds besides the executor's parameters: the state of the optimizers and the parameters of the rivals.
  std::map<std::string, at::Tensor> state() const;
  /// Error (data) naming `source` if a tensor is missing or has another shape.
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
