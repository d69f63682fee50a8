#include "graft/eval/evaluation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "graft/eval/scores.h"

namespace graft::eval {
namespace {

constexpr float kSmallest = 1e-15F;

double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

ClassScore class_score(const std::string& name, const ClassTally& c) {
  return {name,
          static_cast<long>(c.support),
          static_cast<long>(c.predicted),
          static_cast<long>(c.right),
          ratio(c.right, c.predicted),
          ratio(c.right, c.support),
          ratio(2 * c.right, c.support + c.predicted)};
}

}  // namespace

const ClassScore& largest_class(const Evaluation& evaluation) { return *std::ranges::max_element(evaluation.classes, {}, &ClassScore::support); }

double unevenness(const Evaluation& evaluation) {
  const long largest = largest_class(evaluation).support;
  long smallest = largest;
  for (const ClassScore& c : evaluation.classes)
    if (c.support > 0) smallest = std::min(smallest, c.support);
  return ratio(static_cast<double>(largest), static_cast<double>(smallest));
}

double log_loss(std::span<const float> row, int label) {
  return -std::log(static_cast<double>(std::max(row[static_cast<std::size_t>(label)], kSmallest)));
}

Evaluation evaluate(std::span<const float> probabilities, std::span<const int> labels, std::span<const std::string> class_names, int top) {
  const std::size_t classes = class_names.size();
  const Truth truth{.rows = labels.size(), .labels = labels};
  Evaluation result{};
  result.top = classes > static_cast<std::size_t>(top) ? top : 0;
  const Answered answered = look_at(truth, probabilities, classes, result.top);
  result.numbers = {sum_up(answered, truth, probabilities), reliability(answered)};
  const Tally& tally = result.numbers.tally;
  result.count = static_cast<long>(tally.photos);
  result.right = static_cast<long>(tally.right);
  result.confusion.assign(classes * classes, 0);
  for (const Answered::Mark& mark : answered.marks)
    if (mark.said) ++result.confusion[static_cast<std::size_t>(labels[mark.photo]) * classes + mark.label];
  for (std::size_t k = 0; k < classes; ++k) result.classes.push_back(class_score(class_names[k], tally.classes[k]));
  result.accuracy_interval = wilson(result.right, result.count);
  const auto number = [&](std::string_view name) { return value_of(data::SingleLabel{}, tally, name); };
  result.accuracy = number("accuracy");
  result.macro_f1 = number("macro-f1");
  result.balanced_accuracy = number("balanced-accuracy");
  result.log_loss = tally.log_loss;
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

Evaluation evaluate(data::SingleLabel /*task*/, const Truth& truth, std::span<const float> probabilities, std::span<const std::string> class_names,
                    int top) {
  return evaluate(probabilities, truth.labels, class_names, top);
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
