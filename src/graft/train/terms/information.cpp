// SHOT's information maximisation (Liang et al. 2020) of the target's answers, which are the labelled samples' here: each is to be clear, and all together
// are to have all classes. The mean of the entropies less the entropy of the mean; that has the weight config.diversity, 0 for a target with only some of the
// classes, as the authors have it.
#include "graft/train/terms/entropy.h"
#include "graft/train/terms/of_batch.h"

namespace graft::train {
namespace {

constexpr double kSmallest = 1e-300;  // of a probability whose logarithm is taken

BatchLoss information(const Outputs& outputs, double diversity) {
  const at::Tensor p = at::softmax(outputs.at(graph::kLogits), 1), mean = p.mean(0);
  // Besides a constant, which through_softmax cancels.
  const at::Tensor by_p = (diversity * mean.clamp_min(kSmallest).log() - p.clamp_min(kSmallest).log()) / static_cast<double>(p.size(0));
  return {(entropy(p).mean() - diversity * entropy(mean)).item<double>(), {{graph::kLogits, through_softmax(p, by_p)}}};
}

}  // namespace

std::optional<Term> information_term(const Training& training) {
  if (training.config.adapt != Adaptation::shot) return std::nullopt;
  return of_batch("information", training.config.trade_off,
                  [diversity = training.config.diversity](const Outputs& outputs) { return information(outputs, diversity); });
}

}  // namespace graft::train
