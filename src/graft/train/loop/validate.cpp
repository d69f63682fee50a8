#include "graft/train/loop/validate.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "graft/eval/scores.h"
#include "graft/eval/unlabelled.h"
#include "graft/train/terms/loss.h"

namespace graft::train {
namespace {

std::map<std::string, double> scores_of(std::span<const float> logits, const Samples& samples, const std::string& score) {
  if (score.empty() || score == "log-loss" || score == "accuracy" || score == kInformation) return {};  // the loss and what is right are known
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

std::vector<float> probabilities_of(Executor& executor, const Fill& fill, std::size_t count, int batch) {
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), 0);
  std::vector<float> answers;
  const auto most = static_cast<std::size_t>(batch);
  for (std::size_t first = 0; first < count; first += most) {
    const at::Tensor logits = executor.predict(inputs_of(executor.graph(), fill, 0, std::span(all).subspan(first, std::min(most, count - first))));
    answers.insert(answers.end(), logits.const_data_ptr<float>(), logits.const_data_ptr<float>() + logits.numel());
  }
  if (!std::ranges::all_of(answers, [](float z) { return std::isfinite(z); })) return {};  // the loss tells of it
  eval::to_probabilities(data::SingleLabel{}, answers, answers.size() / count);
  return answers;
}

}  // namespace

std::map<std::string, double> scores_of_target(Executor& executor, const Streams& streams, int batch) {
  std::map<std::string, double> scores;
  if (const Unlabelled& watched = streams.watched; watched.count > 0)
    if (const std::vector<float> p = probabilities_of(executor, watched.fill, watched.count, batch); !p.empty())
      scores[kInformation] = eval::information_maximisation(p, p.size() / watched.count);
  const std::size_t count = streams.measured.labels.size();
  if (count == 0) return scores;
  const std::vector<float> p = probabilities_of(executor, streams.measured.fill, count, batch);
  std::size_t right = 0;
  for (std::size_t i = 0; i < count && !p.empty(); ++i) {
    const auto row = std::span(p).subspan(i * (p.size() / count), p.size() / count);
    right += std::ranges::max_element(row) - row.begin() == streams.measured.labels[i] ? 1 : 0;
  }
  scores[kTargetAccuracy] = static_cast<double>(right) / static_cast<double>(count);
  return scores;
}

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
