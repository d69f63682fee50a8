// One batch there and back through the network that trains: what a training, the search for its learning rate and the measure of its cost share.
#pragma once

#include <cstdint>
#include <optional>

#include "graft/train/delta.h"
#include "graft/train/executor.h"
#include "graft/train/loss.h"
#include "graft/train/objective.h"
#include "graft/train/train.h"

namespace graft::train {

/// The objective with all that the options add to it: BSS, DELTA, Co-Tuning, and SAM's second pass. Refers to its arguments, which must outlive it.
class Step {
 public:
  /// Makes `executor` give the outputs it looks at. `graph` is as the training begins; `ways` are the executor's.
  Step(Executor& executor, const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Samples& samples,
       const Ways& ways);

  /// Leaves gradients in the executor. `number`: of the step, for what is random in it; `share`: the samples of the whole update. The loss is that of the
  /// objective alone, at the weights as they are.
  Loss operator()(const Batch& batch, uint64_t number, std::size_t share);
  /// The mean loss that the same call would give, at the weights as they are, without gradients.
  double loss(const Batch& batch, uint64_t number);
  /// The mean loss of an answer that knows nothing: logits of zero.
  double guessing(const Batch& batch) const;

 private:
  Loss pass(const Batch& batch, uint64_t number, std::size_t share);

  Executor& executor_;
  const TrainConfig& config_;
  int64_t classes_;
  Objective objective_;
  std::optional<Delta> delta_;
  at::Tensor relation_;  // (classes, classes of the source); undefined: none
};

}  // namespace graft::train
