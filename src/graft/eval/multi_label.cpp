#include "graft/eval/multi_label.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "graft/eval/scores.h"

namespace graft::eval {
namespace {

constexpr double kSmallestProbability = 1e-7;  // what float32 still tells from 1

double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

LabelScore score_of(const std::string& name, std::span<const float> scores, std::span<const float> targets) {
  LabelScore score{name, 0, 0, 0, std::nullopt, 0, 0, 0};
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const bool has = targets[i] > 0.5F, said = scores[i] >= kThreshold;
    score.support += has ? 1 : 0;
    score.predicted += said ? 1 : 0;
    score.right += has && said ? 1 : 0;
  }
  const auto right = static_cast<double>(score.right), support = static_cast<double>(score.support), predicted = static_cast<double>(score.predicted);
  score.precision = ratio(right, predicted);
  score.recall = ratio(right, support);
  score.f1 = ratio(2 * right, support + predicted);
  if (score.support > 0) score.average_precision = average_precision(scores, targets);
  return score;
}

void add_means(MultiLabelEvaluation& all) {
  double right = 0, named = 0, seen = 0, supported = 0;
  for (const LabelScore& score : all.classes) {
    right += static_cast<double>(score.right);
    named += static_cast<double>(score.support + score.predicted);
    seen += score.support + score.predicted > 0 ? 1 : 0;
    supported += score.support > 0 ? 1 : 0;
    all.macro_f1 += score.f1;
    all.mean_average_precision += score.average_precision.value_or(0);
  }
  all.micro_f1 = ratio(2 * right, named);
  all.macro_f1 = ratio(all.macro_f1, seen);
  all.mean_average_precision = ratio(all.mean_average_precision, supported);
}

}  // namespace

double log_loss(std::span<const float> row, std::span<const float> targets) {
  double sum = 0;
  for (std::size_t k = 0; k < row.size(); ++k) {
    const double p = std::clamp(static_cast<double>(row[k]), kSmallestProbability, 1 - kSmallestProbability);
    sum -= std::log(targets[k] > 0.5F ? p : 1 - p);
  }
  return sum / static_cast<double>(row.size());
}

MultiLabelEvaluation evaluate_multi_label(std::span<const float> probabilities, std::span<const float> targets,
                                          std::span<const std::string> class_names) {
  const std::size_t classes = class_names.size();
  if (classes == 0 || targets.empty() || probabilities.size() != targets.size() || targets.size() % classes != 0)
    throw std::logic_error("eval: sizes of probabilities, targets and class names do not agree");
  MultiLabelEvaluation all{};
  const std::size_t rows = targets.size() / classes;
  all.count = static_cast<long>(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    long wrong = 0;
    for (std::size_t at = i * classes; at < (i + 1) * classes; ++at) wrong += (targets[at] > 0.5F) != (probabilities[at] >= kThreshold) ? 1 : 0;
    all.log_loss += log_loss(probabilities.subspan(i * classes, classes), targets.subspan(i * classes, classes)) / static_cast<double>(rows);
    all.right += wrong == 0 ? 1 : 0;
    all.hamming_loss += static_cast<double>(wrong) / static_cast<double>(targets.size());
  }
  all.subset_accuracy = static_cast<double>(all.right) / static_cast<double>(rows);
  all.subset_accuracy_interval = wilson(all.right, all.count);
  for (std::size_t k = 0; k < classes; ++k) {
    std::vector<float> scores, truth;
    for (std::size_t i = 0; i < rows; ++i) {
      scores.push_back(probabilities[i * classes + k]);
      truth.push_back(targets[i * classes + k]);
    }
    all.classes.push_back(score_of(class_names[k], scores, truth));
  }
  add_means(all);
  return all;
}

double average_precision(std::span<const float> scores, std::span<const float> targets) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  const double positives = static_cast<double>(std::ranges::count_if(targets, [](float t) { return t > 0.5F; }));
  if (positives == 0) return 0;
  double found = 0, before = 0, sum = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    found += targets[order[i]] > 0.5F ? 1 : 0;
    if (i + 1 < order.size() && scores[order[i + 1]] == scores[order[i]]) continue;
    sum += (found - before) / positives * found / static_cast<double>(i + 1);
    before = found;
  }
  return sum;
}

void sigmoid(std::span<float> logits) {
  for (float& z : logits) {
    const double e = std::exp(-std::abs(static_cast<double>(z)));
    z = static_cast<float>((z >= 0 ? 1 : e) / (1 + e));
  }
}

void make_probabilities(data::MultiLabel /*task*/, std::span<float> logits, std::size_t /*classes*/) { sigmoid(logits); }

MultiLabelEvaluation evaluate(data::MultiLabel /*task*/, const Truth& truth, std::span<const float> probabilities,
                              std::span<const std::string> class_names) {
  return evaluate_multi_label(probabilities, truth.targets, class_names);
}

double log_loss_of(data::MultiLabel /*task*/, const Truth& truth, std::size_t row, std::span<const float> probabilities) {
  return log_loss(probabilities, truth.targets.subspan(row * probabilities.size(), probabilities.size()));
}

PhotoScore score_photo(data::MultiLabel /*task*/, const Truth& truth, std::size_t row, std::span<const float> logits) {
  const auto targets = truth.targets.subspan(row * logits.size(), logits.size());
  PhotoScore score{0, true};
  for (std::size_t k = 0; k < logits.size(); ++k) {
    const double toward = targets[k] > 0 ? logits[k] : -logits[k];
    score.log_loss += (std::max(-toward, 0.0) + std::log1p(std::exp(-std::abs(toward)))) / static_cast<double>(logits.size());
    score.right = score.right && (logits[k] >= 0) == (targets[k] > 0);
  }
  return score;
}

std::vector<int> above_threshold(std::span<const float> probabilities) {
  std::vector<int> classes;
  for (std::size_t k = 0; k < probabilities.size(); ++k)
    if (probabilities[k] >= kThreshold) classes.push_back(static_cast<int>(k));
  return classes;
}

}  // namespace graft::eval
