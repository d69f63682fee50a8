// One forward and backward pass of the network on one batch, as shared by training, the learning-rate search and the cost measurement.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "graft/train/graph/executor.h"
#include "graft/train/terms/term.h"

namespace graft::train {

struct StepLoss {
  double sum = 0;             // over the batch, of the terms with `fits`
  int64_t right = 0;          // samples whose largest target has the largest logit; with any number of classes a sample, those with all classes right
  std::vector<double> terms;  // the sum of each term over the batch
  std::vector<float> each;    // plain cross-entropy of each sample, if the batch asks for it
};

/// Computes the sum of the terms, and runs SAM's second pass. Keeps references to executor and config, which must outlive it.
class Step {
 public:
  /// Makes `executor` return the outputs that the terms use. `graph` is its graph as it is when training begins.
  Step(Executor& executor, const graph::Graph& graph, const TrainConfig& config, std::vector<Term> terms);

  const std::vector<Term>& terms() const { return terms_; }

  /// What the terms have counted (terms/learning_status.h), for checkpoints; empty if there is none that counts.
  std::vector<double> learning_status() const;
  /// Restores it; does nothing if it is empty.
  void restore(const std::vector<double>& learning_status);
  /// The scores of EpochRecord that follow from it. The next epoch begins.
  std::map<std::string, double> end_epoch();

  /// Leaves the gradients in the executor. `number`: the step's number, for its random draws; `share`: the number of samples in the whole update. The
  /// loss is that of the current weights, not of those that SAM moves to.
  StepLoss operator()(const Batch& batch, uint64_t number, std::size_t share);
  /// The mean loss that the same call would return for the current weights, without computing gradients.
  double loss(const Batch& batch, uint64_t number);
  /// The mean loss of an uninformed prediction: logits of zero.
  double guessing(const Batch& batch) const;

 private:
  /// The labeled samples, followed by those of the unlabeled streams if a term uses them: all in one batch, so that live batch norms see all of it.
  at::Tensor inputs(const Batch& batch) const;
  /// Splits the outputs into those for the labeled samples and those for each stream, named by of_stream().
  Outputs in_parts(const Outputs& outputs, const Batch& batch) const;
  StepLoss pass(const Batch& batch, uint64_t number, std::size_t share);
  double mean_fit(const Outputs& outputs, const Batch& batch) const;

  Executor& executor_;
  const TrainConfig& config_;
  std::vector<Term> terms_;
  bool streams_ = false;  // whether a term uses the unlabeled streams
};

}  // namespace graft::train
