#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "graft/base/text.h"
#include "graft/eval/aligned.h"
#include "graft/eval/scores.h"

namespace graft::eval {
namespace {

std::string summary(const MultiLabelEvaluation& e) {
  constexpr std::size_t kTitle = 22;
  const AnyEvaluation any = e;
  const Interval accuracy = interval_of(any, "accuracy").value_or(e.subset_accuracy_interval);
  std::string out;
  for (const char* name : {"map", "micro-f1", "macro-f1", "auroc"}) out += number_line(any, name, kTitle) + "\n";
  out += fmt::format("all classes right       {} ({} of {}; 95 % interval {:.1f} to {:.1f} %)\n", percent(e.subset_accuracy), with_commas(e.right),
                     with_commas(e.count), 100 * accuracy.low, 100 * accuracy.high);
  for (const char* name : {"hamming-loss", "log-loss", "ece"}) out += number_line(any, name, kTitle) + "\n";
  return out + whole_groups(e.numbers.intervals);
}

std::string class_table(const MultiLabelEvaluation& e, std::span<const std::size_t> shown) {
  std::vector<std::vector<std::string>> rows{{"class", "photos", "predicted", "right", "average precision", "precision", "recall", "F1"}};
  const auto number = [](double value, bool defined) { return defined ? fmt::format("{:.3f}", value) : std::string("-"); };
  for (const std::size_t k : shown) {
    const LabelScore& c = e.classes[k];
    rows.push_back({printable(c.name), with_commas(c.support), with_commas(c.predicted), with_commas(c.right),
                    number(c.average_precision.value_or(0), c.average_precision.has_value()), number(c.precision, c.predicted > 0),
                    number(c.recall, c.support > 0), number(c.f1, c.support + c.predicted > 0)});
  }
  return aligned(rows);
}

}  // namespace

nlohmann::json to_json(const MultiLabelEvaluation& e) {
  nlohmann::json json = {{"task", "multi-label"},   {"count", e.count},
                         {"right", e.right},        {"subset_accuracy_interval", {e.subset_accuracy_interval.low, e.subset_accuracy_interval.high}},
                         {"threshold", kThreshold}, {"classes", nlohmann::json::array()}};
  add_numbers(data::MultiLabel{}, e.numbers, json);
  for (std::size_t k = 0; k < e.classes.size(); ++k) {
    const LabelScore& c = e.classes[k];
    add_class_numbers(e.numbers, k,
                      json["classes"].emplace_back(
                          nlohmann::json{{"name", printable(c.name)}, {"support", c.support}, {"predicted", c.predicted}, {"right", c.right}}));
  }
  return json;
}

std::string to_table(const MultiLabelEvaluation& e) {
  std::vector<std::size_t> order(e.classes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (order.size() <= kWholeTable) return fmt::format("{}\n{}", summary(e), class_table(e, order));
  std::erase_if(order, [&](std::size_t k) { return e.classes[k].support == 0; });
  std::ranges::stable_sort(order, {}, [&](std::size_t k) { return e.classes[k].average_precision; });
  order.resize(std::min(order.size(), kWeakest));
  return fmt::format("{}\nweakest {} of {} classes\n{}", summary(e), order.size(), e.classes.size(), class_table(e, order));
}

}  // namespace graft::eval
