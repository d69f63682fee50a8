#include "graft/base/class_weights.h"

#include <algorithm>
#include <cmath>

namespace graft {

std::vector<double> class_weights(std::span<const std::size_t> images, const ClassWeights& weights) {
  std::vector<double> list(images.size());
  double all = 0, present = 0, sum = 0;
  for (const std::size_t n : images) {
    all += static_cast<double>(n);
    present += n > 0 ? 1 : 0;
  }
  for (std::size_t k = 0; k < images.size(); ++k) {
    const auto n = static_cast<double>(images[k]);
    if (n == 0) continue;
    switch (weights.kind) {
      case ClassWeights::none: list[k] = 1; break;
      case ClassWeights::balanced: list[k] = all / (present * n); break;
      case ClassWeights::effective: list[k] = (1 - weights.beta) / -std::expm1(n * std::log(weights.beta)); break;
    }
    sum += n * list[k];
  }
  if (weights.kind == ClassWeights::effective)
    for (double& weight : list) weight *= all / sum;
  return list;
}

std::vector<std::size_t> class_counts(std::span<const int> labels, std::size_t classes) {
  std::vector<std::size_t> counts(classes);
  for (const int label : labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

std::vector<double> positive_weights(std::span<const float> targets, std::size_t classes) {
  std::vector<double> weights(classes);
  for (std::size_t i = 0; i < targets.size(); ++i) weights[i % classes] += static_cast<double>(targets[i]);
  const auto rows = static_cast<double>(targets.size() / classes);
  for (double& w : weights) w = w > 0 ? (rows - w) / w : 1;
  return weights;
}

}  // namespace graft
