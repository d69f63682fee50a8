#include "graft/fit/head/solve.h"

#include <fmt/format.h>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/fit/job/imbalance.h"
#include "graft/head/design.h"
#include "graft/head/problem.h"

namespace graft::fit {
namespace {

head::Problem problem_of(const FitConfig& config, const Rows& rows, int classes) {
  return {.features = rows.features(),
          .classes = classes,
          .task = rows.task,
          .labels = rows.labels,
          .targets = rows.targets,
          .class_weights = head_weights(config.training),
          .weights = rows.weights,
          .groups = rows.groups};
}

}  // namespace

head::L2Choice choose_l2(const FitConfig& config, const Rows& rows, int classes, ThreadPool& pool) {
  return head::choose_l2(problem_of(config, rows, classes), config.seed, pool);
}

head::L2Choice cross_validate(const FitConfig& config, const Rows& rows, int classes, ThreadPool& pool) {
  return head::cross_validate(problem_of(config, rows, classes), config.l2.value(), config.seed, pool);
}

std::vector<double> weights_of(const FitConfig& config, const Rows& rows, int classes) {
  if (!data::one_class_each(rows.task)) return rows.weights;  // what positives of a class count more is no weight of a row
  return head::row_weights(rows.labels, classes, head_weights(config.training), rows.weights);
}

head::LinearHead solve(const FitConfig& config, const Rows& rows, int classes, ThreadPool& pool) {
  return head::solve(problem_of(config, rows, classes), config.l2.value(), pool);
}

double accuracy_of(const head::LinearHead& head, const Rows& rows, std::span<const std::string> classes) {
  std::vector<float> probabilities(rows.labels.size() * head.classes);
  head::logits(head, rows.features(), probabilities);
  eval::to_probabilities(rows.task, probabilities, head.classes);
  return eval::value_of(eval::evaluate(rows.truth(), probabilities, classes), "accuracy");
}

}  // namespace graft::fit
