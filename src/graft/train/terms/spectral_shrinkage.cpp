// Batch spectral shrinkage (BSS, Chen et al. 2019), k = 1: the square of the smallest singular value of a batch's features (N, F).
#include "graft/graph/walks.h"
#include "graft/train/terms/term.h"

namespace graft::train {
namespace {

struct Shrinkage {
  double value;
  at::Tensor gradient;
};

Shrinkage shrinkage_of(const at::Tensor& features) {
  const at::Tensor f = features.to(at::kDouble);
  const bool wide = f.size(0) <= f.size(1);  // the smaller of both products has every singular value
  const auto [squares, vectors] = at::linalg_eigh(wide ? f.mm(f.t()) : f.t().mm(f));
  const at::Tensor v = vectors.select(1, 0).unsqueeze(1);  // of the smallest
  const at::Tensor gradient = wide ? v.mm(v.t().mm(f)) : f.mm(v).mm(v.t());
  return {squares[0].item<double>(), (2 * gradient).to(at::kFloat)};
}

}  // namespace

/// A step's value is the batch's; over the steps of an update it is their mean.
std::optional<Term> spectral_shrinkage_term(const Training& training) {
  const double strength = training.config.bss;
  if (strength <= 0) return std::nullopt;
  return Term{.name = "bss",
              .prepare = [](graph::Graph& graph) { graph.name_output(graph::kFeatures, graph::head_input(graph)); },
              .loss = [strength](const Outputs& outputs, const Batch&, std::size_t share) -> TermLoss {
                const at::Tensor& features = outputs.at(graph::kFeatures);
                const auto samples = static_cast<double>(features.size(0));
                const Shrinkage found = shrinkage_of(features);
                return {strength * samples * found.value, {{graph::kFeatures, found.gradient * (strength * (samples / static_cast<double>(share)))}}};
              }};
}

}  // namespace graft::train
