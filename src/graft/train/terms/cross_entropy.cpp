#include "graft/train/terms/by_labels.h"

namespace graft::train {

std::optional<Term> cross_entropy_term(const Training& training) {
  if (training.config.loss != LossKind::cross_entropy) return std::nullopt;
  return by_labels(training, "cross-entropy",
                   {.one = [](const at::Tensor& log_p, const at::Tensor& t) { return surprise(log_p, t); },
                    .any = [](const Chances& chances) { return surprise(chances); }});
}

}  // namespace graft::train
