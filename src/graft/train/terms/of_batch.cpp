#include "graft/train/terms/of_batch.h"

#include <utility>

#include "graft/graph/walks.h"

namespace graft::train {

Term of_batch(std::string name, double weight, std::function<BatchLoss(const Outputs& outputs)> formula) {
  const auto loss = [weight, formula = std::move(formula)](const Outputs& outputs, const Batch& batch, std::size_t share) {
    Outputs exact;
    for (const auto& [output, value] : outputs) exact[output] = value.to(at::kDouble);
    const BatchLoss found = formula(exact);
    const auto samples = static_cast<double>(batch.targets.size(0));
    TermLoss all{.sum = weight * samples * found.value};
    for (const auto& [output, gradient] : found.gradients)
      all.gradients[output] = (gradient * (weight * (samples / static_cast<double>(share)))).to(outputs.at(output).scalar_type());
    return all;
  };
  return {.name = std::move(name), .loss = loss};
}

Term between_domains(std::string name, double weight, std::function<BetweenDomains(const at::Tensor& source, const at::Tensor& target)> formula) {
  const std::string target = of_stream(graph::kFeatures);
  Term term = of_batch(std::move(name), weight, [target, formula = std::move(formula)](const Outputs& outputs) -> BatchLoss {
    const BetweenDomains found = formula(outputs.at(graph::kFeatures), outputs.at(target));
    return {found.value, {{graph::kFeatures, found.source}, {target, found.target}}};
  });
  term.streams = true;
  term.prepare = [](graph::Graph& graph) { graph.name_output(graph::kFeatures, graph::head_input(graph)); };
  return term;
}

}  // namespace graft::train
