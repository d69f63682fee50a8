#include "graft/eval/evaluation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "graft/eval/scores.h"

namespace graft::eval {
namespace {

constexpr float kSmallest = 1e-15F;
constexpr int kTop = 5;

double ratio(long part, long whole) { return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole); }

void check_sizes(std::size_t values, std::span<const int> labels, std::size_t classes) {
  if (labels.empty() || classes == 0 || values != labels.size() * classes)
    throw std::logic_error("eval: sizes of probabilities, labels and class names do not agree");
  for (const int label : labels)
    if (label < 0 || static_cast<std::size_t>(label) >= classes)
      throw std::logic_error("eval: label " + std::to_string(label) + " of " + std::to_string(classes) + " classes");
}

/// Whether fewer than kTop classes come before `label` (ties by index, as top_k).
bool among_top(std::span<const float> row, std::size_t label) {
  int before = 0;
  for (std::size_t k = 0; k < row.size(); ++k) before += row[k] > row[label] || (row[k] == row[label] && k < label);
  return before < kTop;
}

ClassScore class_score(const std::string& name, std::size_t k, std::size_t classes, std::span<const long> confusion) {
  ClassScore score{name, 0, 0, confusion[k * classes + k], 0, 0, 0};
  for (std::size_t other = 0; other < classes; ++other) {
    score.support += confusion[k * classes + other];
    score.predicted += confusion[other * classes + k];
  }
  score.precision = ratio(score.right, score.predicted);
  score.recall = ratio(score.right, score.support);
  score.f1 = ratio(2 * score.right, score.support + score.predicted);
  return score;
}

}  // namespace

Interval wilson(long right, long total, double z) {
  if (total == 0) return {0, 1};
  const double n = static_cast<double>(total), p = static_cast<double>(right) / n, z2 = z * z / n;
  const double centre = (p + z2 / 2) / (1 + z2), half = z / (1 + z2) * std::sqrt(p * (1 - p) / n + z2 / (4 * n));
  return {right == 0 ? 0 : std::max(0.0, centre - half), right == total ? 1 : std::min(1.0, centre + half)};
}

const ClassScore& largest_class(const Evaluation& evaluation) { return *std::ranges::max_element(evaluation.classes, {}, &ClassScore::support); }

double unevenness(const Evaluation& evaluation) {
  const long largest = largest_class(evaluation).support;
  long smallest = largest;
  for (const ClassScore& c : evaluation.classes)
    if (c.support > 0) smallest = std::min(smallest, c.support);
  return ratio(largest, smallest);
}

double log_loss(std::span<const float> row, int label) {
  return -std::log(static_cast<double>(std::max(row[static_cast<std::size_t>(label)], kSmallest)));
}

Evaluation evaluate(std::span<const float> probabilities, std::span<const int> labels, std::span<const std::string> class_names) {
  const std::size_t classes = class_names.size();
  check_sizes(probabilities.size(), labels, classes);
  Evaluation result{};
  result.count = static_cast<long>(labels.size());
  result.confusion.assign(classes * classes, 0);
  long in_top = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = probabilities.subspan(i * classes, classes);
    const auto label = static_cast<std::size_t>(labels[i]);
    const auto predicted = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    ++result.confusion[label * classes + predicted];
    result.right += predicted == label;
    in_top += among_top(row, label);
    result.log_loss += log_loss(row, labels[i]);
  }
  result.log_loss /= static_cast<double>(labels.size());
  result.accuracy = ratio(result.right, result.count);
  result.accuracy_interval = wilson(result.right, result.count);
  if (classes > kTop) result.top5 = ratio(in_top, result.count);
  long seen = 0, supported = 0;
  for (std::size_t k = 0; k < classes; ++k) {
    const ClassScore& score = result.classes.emplace_back(class_score(class_names[k], k, classes, result.confusion));
    seen += score.support + score.predicted > 0;
    supported += score.support > 0;
    result.macro_f1 += score.f1;
    result.balanced_accuracy += score.recall;
  }
  result.macro_f1 /= static_cast<double>(seen);
  result.balanced_accuracy /= static_cast<double>(supported);
  return result;
}

void softmax(std::span<float> logits, std::size_t classes) {
  for (std::size_t first = 0; first + classes <= logits.size(); first += classes) {
    const auto row = logits.subspan(first, classes);
    const float highest = *std::max_element(row.begin(), row.end());
    double sum = 0;
    for (float& value : row) sum += static_cast<double>(value = std::exp(value - highest));
    for (float& value : row) value = static_cast<float>(static_cast<double>(value) / sum);
  }
}

void make_probabilities(data::SingleLabel /*task*/, std::span<float> logits, std::size_t classes) { softmax(logits, classes); }

Evaluation evaluate(data::SingleLabel /*task*/, const Truth& truth, std::span<const float> probabilities, std::span<const std::string> class_names) {
  return evaluate(probabilities, truth.labels, class_names);
}

double log_loss_of(data::SingleLabel /*task*/, const Truth& truth, std::size_t row, std::span<const float> probabilities) {
  return log_loss(probabilities, truth.labels[row]);
}

PhotoScore score_photo(data::SingleLabel /*task*/, const Truth& truth, std::size_t row, std::span<const float> logits) {
  const int label = truth.labels[row];
  std::vector<float> p(logits.begin(), logits.end());
  softmax(p, p.size());
  return {-std::log(std::max(p[static_cast<std::size_t>(label)], 1e-12F)), std::ranges::max_element(p) - p.begin() == label};
}

std::vector<Ranked> top_k(std::span<const float> probabilities, int k) {
  std::vector<int> order(probabilities.size());
  std::iota(order.begin(), order.end(), 0);
  const auto count = static_cast<std::ptrdiff_t>(std::min(order.size(), static_cast<std::size_t>(std::max(k, 0))));
  const auto of = [&](int label) { return probabilities[static_cast<std::size_t>(label)]; };
  std::partial_sort(order.begin(), order.begin() + count, order.end(), [&](int a, int b) { return of(a) > of(b) || (of(a) == of(b) && a < b); });
  std::vector<Ranked> ranked;
  for (const int label : std::span(order).first(static_cast<std::size_t>(count))) ranked.push_back({label, of(label)});
  return ranked;
}

}  // namespace graft::eval
