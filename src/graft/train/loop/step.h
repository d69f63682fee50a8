// One batch there and back through the network that trains: what a training, the search for its learning rate and the measure of its cost share.
#pragma once

#include <cstdint>
#include <vector>

#include "graft/train/graph/executor.h"
#include "graft/train/terms/term.h"

namespace graft::train {

struct StepLoss {
  double sum = 0;             // over the batch, of the terms that fit
  int64_t right = 0;          // samples whose largest target has the largest logit; of any number of classes those that have all of theirs
  std::vector<double> terms;  // by term, over the batch
  std::vector<float> each;    // plain cross-entropy of each sample, where the batch asks for it
};

/// The sum of the terms, and SAM's second pass. Refers to executor and config, which must outlive it.
class Step {
 public:
  /// Makes `executor`, of `graph` as the training begins, give the outputs that the terms look at.
  Step(Executor& executor, const graph::Graph& graph, const TrainConfig& config, std::vector<Term> terms);

  const std::vector<Term>& terms() const { return terms_; }

  /// Leaves gradients in the executor. `number`: of the step, for what is random in it; `share`: the samples of the whole update. The loss is at the
  /// weights as they are.
  StepLoss operator()(const Batch& batch, uint64_t number, std::size_t share);
  /// The mean loss that the same call would give, at the weights as they are, without gradients.
  double loss(const Batch& batch, uint64_t number);
  /// The mean loss of an answer that knows nothing: logits of zero.
  double guessing(const Batch& batch) const;

 private:
  /// Labelled samples and, where a term looks at these, those of the streams behind them: one batch, so that live batch norms see all of it.
  at::Tensor inputs(const Batch& batch) const;
  /// What the network gives, by whose samples it is of: of_stream().
  Outputs in_parts(const Outputs& outputs, const Batch& batch) const;
  StepLoss pass(const Batch& batch, uint64_t number, std::size_t share);
  double mean_fit(const Outputs& outputs, const Batch& batch) const;

  Executor& executor_;
  const TrainConfig& config_;
  std::vector<Term> terms_;
  bool streams_ = false;  // whether a term looks at them
};

}  // namespace graft::train
