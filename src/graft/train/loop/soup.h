// Averages the weights of several epochs: a greedy soup (Wortsman et al. 2022, "Model soups") of the best epochs of one training.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "graft/train/config.h"
#include "graft/train/graph/executor.h"
#include "graft/train/loop/validate.h"
#include "graft/transfer/plan.h"

namespace graft::train {

struct Soup {
  Weights weights;
  Validation validation;  // of these weights
  int ingredients = 1;
};

/// Keeps the weights of the best epochs so far, config.soup of them.
class GoodEpochs {
 public:
  explicit GoodEpochs(const TrainConfig& config) : config_(config) {}

  /// The best epochs, best first.
  std::vector<int> wanted(std::span<const EpochRecord> history) const;
  /// To be called after an epoch: drops the weights of epochs that are no longer among the best. Returns whether the latest epoch is among them.
  bool ends(std::span<const EpochRecord> history);
  Weights& put(int epoch, Weights weights) { return weights_[epoch] = std::move(weights); }

  const std::map<int, Weights>& weights() const { return weights_; }
  std::vector<const Weights*> best_first(std::span<const EpochRecord> history) const;

 private:
  const TrainConfig& config_;
  std::map<int, Weights> weights_;
};

/// The prefix of an epoch's weights in a checkpoint: "epoch3".
std::string epoch_name(int epoch);

/// Starts from the first weights; each of the others is added to the mean if that makes it no worse by config.stop_metric. So the soup is no worse
/// than the first weights. `validate` evaluates weights.
Soup greedy_soup(std::span<const Weights* const> best_first, const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config,
                 const std::function<Validation(const Weights&)>& validate);

}  // namespace graft::train
