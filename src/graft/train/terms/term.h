// What a training step minimises is a sum of terms. Each looks at outputs of the network and at the batch, and knows no other term.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graft/train/graph/executor.h"
#include "graft/train/terms/loss.h"
#include "graft/transfer/plan.h"

namespace graft::train {

struct TermLoss {
  double sum = 0;          // over the batch
  Outputs gradients = {};  // of sum / share, by the outputs that it looked at
};

struct Term {
  std::string name;   // "cross-entropy": of the log
  bool fits = false;  // to what is known of the samples by the logits alone: part of the loss that is reported, and by which learning rates are found
  std::function<void(graph::Graph& graph)> prepare = {};  // names the outputs that it looks at, besides the logits; empty: none
  /// `share`: the samples that an update is the mean of, at least this batch.
  std::function<TermLoss(const Outputs& outputs, const Batch& batch, std::size_t share)> loss;

  TermLoss operator()(const Outputs& outputs, const Batch& batch, std::size_t share) const { return loss(outputs, batch, share); }
};

/// What terms are made of.
struct Training {
  const graph::Graph& graph;  // as it begins, with its weights
  const transfer::Plan& plan;
  const TrainConfig& config;
  const Streams& streams;
  const Ways& ways;  // by which convolutions are computed
};

/// A term as the options ask for it, each in its own file; none where they do not. Must not outlive the training.
using Make = std::optional<Term>(const Training& training);
Make cross_entropy_term, focal_term, poly_term;            // by the labels: one of them
Make distillation_term;                                    // by a teacher
Make spectral_shrinkage_term, delta_term, co_tuning_term;  // by the network it began with

/// All that the options ask for.
std::vector<Term> terms_of(const Training& training);

}  // namespace graft::train
