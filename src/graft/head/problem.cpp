#include "graft/head/problem.h"

#include "graft/head/multi_label.h"

namespace graft::head {
namespace {

MultiLabelOptions options_of(const Problem& problem, double l2) {
  return {.l2 = l2, .balanced = problem.class_weights.kind != ClassWeights::none, .weights = problem.weights, .groups = problem.groups};
}

}  // namespace

LinearHead solve(data::SingleLabel /*task*/, const Problem& p, double l2, ThreadPool& pool) {
  return fit_logistic(p.features, p.labels, p.classes, {.l2 = l2, .class_weights = p.class_weights, .weights = p.weights}, pool);
}

LinearHead solve(data::MultiLabel /*task*/, const Problem& p, double l2, ThreadPool& pool) {
  return fit_multi_label(p.features, p.targets, static_cast<std::size_t>(p.classes), options_of(p, l2), pool);
}

LinearHead solve(const Problem& problem, double l2, ThreadPool& pool) {
  return std::visit([&](const auto& task) { return solve(task, problem, l2, pool); }, problem.task);
}

L2Choice choose_l2(data::SingleLabel /*task*/, const Problem& p, uint64_t seed, ThreadPool& pool) {
  return choose_l2(p.features, p.labels, p.classes, p.class_weights, seed, pool, p.weights, p.groups);
}

L2Choice choose_l2(data::MultiLabel /*task*/, const Problem& p, uint64_t seed, ThreadPool& pool) {
  return choose_l2(p.features, p.targets, static_cast<std::size_t>(p.classes), options_of(p, 0), seed, pool);
}

L2Choice choose_l2(const Problem& problem, uint64_t seed, ThreadPool& pool) {
  return std::visit([&](const auto& task) { return choose_l2(task, problem, seed, pool); }, problem.task);
}

L2Choice cross_validate(data::SingleLabel /*task*/, const Problem& p, double l2, uint64_t seed, ThreadPool& pool) {
  return choose_l2(p.features, p.labels, p.classes, p.class_weights, seed, pool, p.weights, p.groups, l2);
}

L2Choice cross_validate(data::MultiLabel /*task*/, const Problem& p, double l2, uint64_t seed, ThreadPool& pool) {
  return choose_l2(p.features, p.targets, static_cast<std::size_t>(p.classes), options_of(p, l2), seed, pool);
}

L2Choice cross_validate(const Problem& problem, double l2, uint64_t seed, ThreadPool& pool) {
  return std::visit([&](const auto& task) { return cross_validate(task, problem, l2, seed, pool); }, problem.task);
}

}  // namespace graft::head
