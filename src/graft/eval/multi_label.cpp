#include "graft/eval/multi_label.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "graft/eval/scores.h"

namespace graft::eval {
namespace {

constexpr double kSmallestProbability = 1e-7;  // what float32 still tells from 1

double part_of(double part, double whole) { return whole == 0 ? 0 : part / whole; }

LabelScore score_of(const std::string& name, const ClassTally& c) {
  LabelScore score{name,         static_cast<long>(c.support),  static_cast<long>(c.predicted), static_cast<long>(c.right),
                   std::nullopt, part_of(c.right, c.predicted), part_of(c.right, c.support),    part_of(2 * c.right, c.support + c.predicted)};
  if (c.support > 0) score.average_precision = c.average_precision;
  return score;
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
  const Truth truth{.task = data::MultiLabel{}, .rows = classes == 0 ? 0 : targets.size() / classes, .targets = targets};
  if (classes == 0 || targets.size() % classes != 0) throw std::logic_error("eval: sizes of probabilities, targets and class names do not agree");
  const Answered answered = look_at(truth, probabilities, classes, 0);
  MultiLabelEvaluation all{};
  all.numbers = {sum_up(answered, truth, probabilities), reliability(answered)};
  const Tally& tally = all.numbers.tally;
  all.count = static_cast<long>(tally.photos);
  all.right = static_cast<long>(tally.right);
  all.subset_accuracy_interval = wilson(all.right, all.count);
  for (std::size_t k = 0; k < classes; ++k) all.classes.push_back(score_of(class_names[k], tally.classes[k]));
  const auto number = [&](std::string_view name) { return value_of(data::MultiLabel{}, tally, name); };
  all.subset_accuracy = number("accuracy");
  all.mean_average_precision = number("map");
  all.micro_f1 = number("micro-f1");
  all.macro_f1 = number("macro-f1");
  all.hamming_loss = number("hamming-loss");
  all.log_loss = tally.log_loss;
  return all;
}

void sigmoid(std::span<float> logits) {
  for (float& z : logits) {
    const double e = std::exp(-std::abs(static_cast<double>(z)));
    z = static_cast<float>((z >= 0 ? 1 : e) / (1 + e));
  }
}

void make_probabilities(data::MultiLabel /*task*/, std::span<float> logits, std::size_t /*classes*/) { sigmoid(logits); }

MultiLabelEvaluation evaluate(data::MultiLabel /*task*/, const Truth& truth, std::span<const float> probabilities,
                              std::span<const std::string> class_names, int /*top*/) {
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
