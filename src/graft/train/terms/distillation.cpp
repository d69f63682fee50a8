// Distillation (Hinton et al. 2015) with the teacher's q = softmax(its logits / T): w * T^2 * sum_k q_k log(q_k / softmax(z / T)_k),
// by the plain logits z.
#include "graft/train/terms/term.h"

namespace graft::train {

std::optional<Term> distillation_term(const Training& training) {
  if (training.streams.labelled.teacher.empty()) return std::nullopt;
  const double temperature = training.config.distill_temperature, weight = training.config.distill_weight;
  const auto loss = [temperature, weight](const Outputs& outputs, const Batch& batch, std::size_t share) -> TermLoss {
    const at::Tensor& q = batch.teacher;
    const at::Tensor log_student = at::log_softmax(outputs.at(graph::kLogits) / temperature, 1);
    const double divergence = weighed(at::xlogy(q, q) - q * log_student, batch).sum(at::kDouble).item<double>();
    return {weight * temperature * temperature * divergence,
            {{graph::kLogits, weighed(log_student.exp() - q, batch) * (weight * temperature / static_cast<double>(share))}}};
  };
  return Term{.name = "distillation", .fits = true, .loss = loss};
}

}  // namespace graft::train
