#include "graft/cli/trust_report.h"

#include "graft/trust/measure.h"

namespace graft::cli {

std::vector<EvalSection> trust_sections(const LabelledAnswers& a) {
  std::vector<EvalSection> sections;
  if (a.card.trust.sets) {
    const trust::Coverage found = trust::measure_sets(*a.card.trust.sets, a.truth(), a.decisions);
    sections.push_back({"sets", trust::to_json(found, a.card.labels), trust::to_text(found, a.card.labels)});
  }
  if (a.card.trust.costs) {
    const trust::CostFound found = trust::measure_costs(*a.card.trust.costs, a.labels, a.probabilities, a.decisions);
    sections.push_back({"costs", trust::to_json(found), trust::to_text(found) + "accuracy and confusions above are of the most probable class\n"});
  }
  return sections;
}

}  // namespace graft::cli
