// The loss of a training step is a sum of terms. Each term uses outputs of the network and the batch, and knows nothing of the other terms.
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
  Outputs gradients = {};  // of sum / share, with respect to the outputs that the term uses
};

/// The name of `output` for the samples of an unlabeled stream; for the labeled samples it keeps its own name.
std::string of_stream(const std::string& output, std::size_t stream = 0);

class LearningStatus;

struct Term {
  std::string name;      // "cross-entropy": its name in the log
  bool fits = false;     // fits the logits alone to what is known of the samples: part of the reported loss and of the learning-rate search
  bool streams = false;  // whether it also uses the outputs for the unlabeled streams, which `loss` finds under their of_stream() names
  std::function<void(graph::Graph& graph)> prepare = {};  // names the outputs that it uses, besides the logits; empty: there are none
  /// The term's own network, trained against the main one with the head's learning rate: `loss` leaves this network's gradients in it. Null: none.
  std::shared_ptr<Executor> rival = {};
  /// What the term has counted, which is part of a checkpoint. Null: nothing.
  std::shared_ptr<LearningStatus> status = {};
  /// `share`: the number of samples in the whole update, at least those of this batch.
  std::function<TermLoss(const Outputs& outputs, const Batch& batch, std::size_t share)> loss;

  TermLoss operator()(const Outputs& outputs, const Batch& batch, std::size_t share) const { return loss(outputs, batch, share); }
};

/// What the terms are built from.
struct Training {
  const graph::Graph& graph;  // as it is when training begins, with its weights
  const transfer::Plan& plan;
  const TrainConfig& config;
  const Streams& streams;
  const ConvAlgorithms& algorithms;
};

/// Each builds one term, in its own file, if the options ask for it, and returns nothing otherwise. The term must not outlive the training.
using Make = std::optional<Term>(const Training& training);
Make cross_entropy_term, focal_term, poly_term;                                                       // on labels: one of them
Make distillation_term;                                                                               // on a teacher's outputs
Make spectral_shrinkage_term, delta_term, co_tuning_term;                                             // relative to the pretrained network
Make deep_coral_term, mean_discrepancy_term, class_confusion_term, information_term, adversary_term;  // on photos of another domain: one of them
Make fixmatch_term;                                                                                   // on unlabeled photos of the same domain

/// All terms that the options ask for.
std::vector<Term> terms_of(const Training& training);

}  // namespace graft::train
