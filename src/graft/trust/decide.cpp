#include "graft/trust/decide.h"

#include "graft/eval/scores.h"

namespace graft::trust {

Decision decide(data::SingleLabel task, const Rules& rules, const PhotoRow& row) {
  Decision decision{.classes = {eval::top_k(row.probabilities, 1).front().label}};
  if (rules.costs) {
    const Choice cheapest = rules.costs->cheapest(row.probabilities);
    decision.classes = {cheapest.label};
    decision.cost = cheapest.cost;
  }
  if (rules.sets) decision.set = set_of(task, *rules.sets, row.probabilities);
  return decision;
}

Decision decide(data::MultiLabel task, const Rules& rules, const PhotoRow& row) {
  Decision decision{.classes = eval::above_threshold(row.probabilities)};
  if (rules.sets) decision.set = set_of(task, *rules.sets, row.probabilities);
  return decision;
}

Decision decide(const Rules& rules, const data::Task& task, const PhotoRow& row) {
  Decision decision = std::visit([&](const auto& t) { return decide(t, rules, row); }, task);
  if (rules.unknown) decision.stranger = judge(*rules.unknown, row.logits, row.features);
  return decision;
}

std::vector<Decision> decide_all(const Rules& rules, const data::Task& task, std::size_t classes, std::span<const float> logits,
                                 std::span<const float> probabilities, std::span<const float> features) {
  const std::size_t photos = probabilities.size() / classes, width = photos == 0 ? 0 : features.size() / photos;
  std::vector<Decision> decisions;
  for (std::size_t i = 0; i < photos; ++i)
    decisions.push_back(
        decide(rules, task, {logits.subspan(i * classes, classes), probabilities.subspan(i * classes, classes), features.subspan(i * width, width)}));
  return decisions;
}

}  // namespace graft::trust
