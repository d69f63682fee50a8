#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "graft/base/text.h"
#include "graft/eval/aligned.h"
#include "graft/eval/multi_label.h"

namespace graft::eval {
namespace {

std::string summary(const MultiLabelEvaluation& e) {
  return fmt::format(
      "mean average precision  {:.3f}\n"
      "micro F1                {:.3f}\n"
      "macro F1                {:.3f}\n"
      "all classes right       {} ({} of {}; 95 % interval {:.1f} to {:.1f} %)\n"
      "Hamming loss            {:.4f}\n"
      "log loss                {:.4f}\n",
      e.mean_average_precision, e.micro_f1, e.macro_f1, percent(e.subset_accuracy), with_commas(e.right), with_commas(e.count),
      100 * e.subset_accuracy_interval.low, 100 * e.subset_accuracy_interval.high, e.hamming_loss, e.log_loss);
}

std::string class_table(const MultiLabelEvaluation& e, std::span<const std::size_t> shown) {
  std::vector<std::vector<std::string>> rows{{"class", "images", "predicted", "right", "average precision", "precision", "recall", "F1"}};
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
  nlohmann::json json = {{"task", "multi-label"},
                         {"count", e.count},
                         {"right", e.right},
                         {"subset_accuracy", e.subset_accuracy},
                         {"subset_accuracy_interval", {e.subset_accuracy_interval.low, e.subset_accuracy_interval.high}},
                         {"mean_average_precision", e.mean_average_precision},
                         {"micro_f1", e.micro_f1},
                         {"macro_f1", e.macro_f1},
                         {"hamming_loss", e.hamming_loss},
                         {"log_loss", e.log_loss},
                         {"threshold", kThreshold},
                         {"classes", nlohmann::json::array()}};
  for (const LabelScore& c : e.classes)
    json["classes"].push_back({{"name", printable(c.name)},
                               {"support", c.support},
                               {"predicted", c.predicted},
                               {"right", c.right},
                               {"average_precision", c.average_precision ? nlohmann::json(*c.average_precision) : nlohmann::json()},
                               {"precision", c.precision},
                               {"recall", c.recall},
                               {"f1", c.f1}});
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
