// What the losses share that are defined on a whole batch rather than on single samples: most of those on photos of another domain.
#pragma once

#include <functional>
#include <string>

#include "graft/train/terms/term.h"

namespace graft::train {

struct BatchLoss {
  double value = 0;
  Outputs gradients = {};  // with respect to the outputs, in any floating type
};

/// The term `weight` times the formula, which is given the outputs in float64. The value of a step is that of its batch; an update of several steps
/// takes their mean.
Term of_batch(std::string name, double weight, std::function<BatchLoss(const Outputs& outputs)> formula);

/// The same for a formula of the head's inputs (graph::kFeatures, (N, F)) for the labeled samples (source) and for those of the first unlabeled
/// stream (target): its value and its gradients with respect to both.
struct BetweenDomains {
  double value;
  at::Tensor source, target;
};
Term between_domains(std::string name, double weight, std::function<BetweenDomains(const at::Tensor& source, const at::Tensor& target)> formula);

}  // namespace graft::train
