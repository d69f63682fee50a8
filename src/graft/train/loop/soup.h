// Weights of several epochs in one network: a greedy soup (Wortsman et al. 2022, "Model soups"), of one training's best epochs.
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
  Validation validation;  // of them
  int ingredients = 1;
};

/// The weights of the best epochs so far, as many as the config wants.
class GoodEpochs {
 public:
  explicit GoodEpochs(const TrainConfig& config) : config_(config) {}

  /// The best epochs, best first.
  std::vector<int> wanted(std::span<const EpochRecord> history) const;
  /// After an epoch: forgets those that are no longer wanted. Whether this one is.
  bool ends(std::span<const EpochRecord> history);
  Weights& put(int epoch, Weights weights) { return weights_[epoch] = std::move(weights); }

  const std::map<int, Weights>& weights() const { return weights_; }
  std::vector<const Weights*> best_first(std::span<const EpochRecord> history) const;

 private:
  const TrainConfig& config_;
  std::map<int, Weights> weights_;
};

/// Before the names of its weights in a checkpoint: "epoch3".
std::string epoch_name(int epoch);

/// Begins with the first weights; each of the others goes into the mean where it is then no worse by config.stop_metric. So the soup is no worse than
/// the first. `validate` judges weights.
Soup greedy_soup(std::span<const Weights* const> best_first, const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config,
                 const std::function<Validation(const Weights&)>& validate);

}  // namespace graft::train
