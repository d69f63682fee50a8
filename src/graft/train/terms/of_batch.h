// What the losses share that are of a batch as a whole and not of each sample: most of those by photos of another domain.
#pragma once

#include <functional>
#include <string>

#include "graft/train/terms/term.h"

namespace graft::train {

struct BatchLoss {
  double value = 0;
  Outputs gradients = {};  // by the outputs, in any floating type
};

/// `weight` times the formula, which is of the outputs in float64. A step's value is the batch's; over the steps of an update it is their mean.
Term of_batch(std::string name, double weight, std::function<BatchLoss(const Outputs& outputs)> formula);

/// The same of what the head reads (graph::kFeatures, (N, F)), of the labelled samples and of those of the first stream: the value and the gradients
/// by both.
struct BetweenDomains {
  double value;
  at::Tensor source, target;
};
Term between_domains(std::string name, double weight, std::function<BetweenDomains(const at::Tensor& source, const at::Tensor& target)> formula);

}  // namespace graft::train
