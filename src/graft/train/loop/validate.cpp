#include "graft/train/loop/validate.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "graft/eval/scores.h"
#include "graft/train/terms/loss.h"

namespace graft::train {
namespace {

std::map<std::string, double> scores_of(std::span<const float> logits, const Samples& samples, const std::string& score) {
  if (score.empty() || score == "log-loss" || score == "accuracy") return {};  // the loss and what is right are known
  const std::size_t count = samples.labels.size();
  const std::vector<std::string> classes(logits.size() / count);
  if (!std::ranges::all_of(logits, [](float z) { return std::isfinite(z); })) return {};  // the loss tells of it
  std::vector<float> probabilities(logits.begin(), logits.end());
  eval::to_probabilities(samples.task, probabilities, classes.size());
  const eval::Truth truth{samples.task, count, samples.labels, samples.targets};
  const double value = eval::value_of(eval::evaluate(truth, probabilities, classes), score);
  if (std::isnan(value)) return {};  // not defined of these photos: no epoch is the best by it
  return {{score, value}};
}

}  // namespace

Validation validate(Executor& executor, const Samples& samples, int batch, const std::string& score) {
  Validation validation;
  std::vector<std::size_t> all(samples.labels.size());
  std::iota(all.begin(), all.end(), 0);
  const auto most = static_cast<std::size_t>(batch);
  const auto count = static_cast<double>(all.size());
  for (std::size_t first = 0; first < all.size(); first += most) {
    const auto which = std::span(all).subspan(first, std::min(most, all.size() - first));
    const at::Tensor logits = executor.predict(inputs_of(executor.graph(), samples.fill, 0, which));
    validation.logits.insert(validation.logits.end(), logits.const_data_ptr<float>(), logits.const_data_ptr<float>() + logits.numel());
    const Loss loss = plain_loss(samples, which, logits);
    validation.loss += loss.sum / count;
    validation.accuracy += static_cast<double>(loss.right) / count;
  }
  validation.scores = scores_of(validation.logits, samples, score);
  return validation;
}

}  // namespace graft::train
