#include "graft/fit/head/solve.h"

#include <fmt/format.h>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/fit/job/imbalance.h"
#include "graft/head/multi_label.h"

namespace graft::fit {
namespace {

head::MultiLabelOptions options_of(const FitConfig& config, const Rows& rows) {
  return {.l2 = config.l2.value_or(0),
          .balanced = config.training.imbalance == train::Imbalance::weights,
          .weights = rows.weights,
          .groups = rows.groups};
}

}  // namespace

head::L2Choice choose_l2(const FitConfig& config, const Rows& rows, int classes, ThreadPool& pool) {
  if (!rows.targets.empty())
    return head::choose_l2(rows.features(), rows.targets, static_cast<std::size_t>(classes), options_of(config, rows), config.seed, pool);
  return head::choose_l2(rows.features(), rows.labels, classes, head_weights(config.training), config.seed, pool, rows.weights, rows.groups);
}

head::LinearHead solve(const FitConfig& config, const Rows& rows, int classes, ThreadPool& pool) {
  if (!rows.targets.empty())
    return head::fit_multi_label(rows.features(), rows.targets, static_cast<std::size_t>(classes), options_of(config, rows), pool);
  return head::fit_logistic(rows.features(), rows.labels, classes,
                            {.l2 = config.l2.value(), .class_weights = head_weights(config.training), .weights = rows.weights}, pool);
}

double accuracy_of(const head::LinearHead& head, const Rows& rows, std::span<const std::string> classes) {
  std::vector<float> probabilities(rows.labels.size() * head.classes);
  head::logits(head, rows.features(), probabilities);
  if (rows.targets.empty()) {
    eval::softmax(probabilities, head.classes);
    return eval::evaluate(probabilities, rows.labels, classes).accuracy;
  }
  eval::sigmoid(probabilities);
  return eval::evaluate_multi_label(probabilities, rows.targets, classes).subset_accuracy;
}

eval::Evaluation common_part(const eval::MultiLabelEvaluation& e) {
  eval::Evaluation common{};
  common.count = e.count;
  common.right = e.right;
  common.accuracy = e.subset_accuracy;
  common.accuracy_interval = e.subset_accuracy_interval;
  common.macro_f1 = e.macro_f1;
  common.log_loss = e.log_loss;
  double supported = 0;
  for (const eval::LabelScore& c : e.classes) {
    common.classes.push_back({c.name, c.support, c.predicted, c.right, c.precision, c.recall, c.f1});
    common.balanced_accuracy += c.recall;
    supported += c.support > 0 ? 1 : 0;
  }
  if (supported > 0) common.balanced_accuracy /= supported;
  return common;
}

}  // namespace graft::fit
