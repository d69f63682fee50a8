#include "graft/fit/job/imbalance.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/error.h"
#include "graft/eval/evaluation.h"

namespace graft::fit {
namespace {

using train::Imbalance;

}  // namespace

void join_class_weights(Configured<FitConfig>& config) {
  if (config.values.class_weights == ClassWeighting::none) return;
  choose(config, "imbalance", Imbalance::weights, "--class-weights balanced");
  if (config.values.training.imbalance != Imbalance::weights)
    throw usage_error("--class-weights balanced", "means --imbalance weights, but another --imbalance is given", "omit --class-weights");
}

void choose_imbalance(Job& job) {
  const FitConfig& c = job.config.values;
  if (c.training.imbalance != Imbalance::automatic) return;
  const auto [smallest, largest] = std::ranges::minmax(class_counts(data::labels_of(job.splits.train), job.splits.classes.size()));
  const double ratio = static_cast<double>(largest) / static_cast<double>(std::max<std::size_t>(smallest, 1));
  const Imbalance training = !c.strategy || !c.by_steps() ? Imbalance::weights : Imbalance::balanced_softmax;
  choose(job.config, "imbalance", ratio >= eval::kUneven ? training : Imbalance::none,
         fmt::format("the largest class has {:.1f} times the photos of the smallest", ratio));
}

void choose_imbalance_of_training(Configured<FitConfig>& config) {
  const Origin origin = origin_of(config.origins, "imbalance");
  if (origin.source != Source::chosen || config.values.class_weights != ClassWeighting::none) return;
  if (!config.values.by_steps() || config.values.training.imbalance != Imbalance::weights) return;
  config.values.training.imbalance = Imbalance::balanced_softmax;
}

ClassWeights head_weights(const train::TrainConfig& config) {
  switch (config.imbalance) {
    case Imbalance::automatic:
    case Imbalance::none: return ClassWeights::none;
    case Imbalance::effective: return {ClassWeights::effective, config.effective_beta};
    case Imbalance::weights:
    case Imbalance::balanced_softmax:
    case Imbalance::sampling: return ClassWeights::balanced;
  }
  return {};
}

}  // namespace graft::fit
