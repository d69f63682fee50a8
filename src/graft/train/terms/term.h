// What a training step minimises is a sum of terms. Each looks at outputs of the network and at the batch, and knows no other term.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
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

/// The name of an output for the samples of an unlabelled stream; its own name is of the labelled ones.
std::string of_stream(const std::string& output, std::size_t stream = 0);

struct Term {
  std::string name;   // "cross-entropy": of the log
  bool fits = false;  // to what is known of the samples by the logits alone: part of the loss that is reported, and by which learning rates are found
  bool streams = false;  // looks also at what the network gives for the unlabelled streams' samples: in `loss`, as of_stream()
  std::function<void(graph::Graph& graph)> prepare = {};  // names the outputs that it looks at, besides the logits; empty: none
  /// A network of the term's own that learns against the other, as fast as its head: `loss` leaves its gradients in it. Null: none.
  std::shared_ptr<Executor> rival = {};
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
  const ConvAlgorithms& algorithms;
};

/// A term as the options ask for it, each in its own file; none where they do not. Must not outlive the training.
using Make = std::optional<Term>(const Training& training);
Make cross_entropy_term, focal_term, poly_term;                                                       // by the labels: one of them
Make distillation_term;                                                                               // by a teacher
Make spectral_shrinkage_term, delta_term, co_tuning_term;                                             // by the network it began with
Make deep_coral_term, mean_discrepancy_term, class_confusion_term, information_term, adversary_term;  // by photos of another domain: one of them

/// All that the options ask for.
std::vector<Term> terms_of(const Training& training);

}  // namespace graft::train
