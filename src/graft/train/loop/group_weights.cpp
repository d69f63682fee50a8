#include "graft/train/loop/group_weights.h"

#include <algorithm>
#include <cmath>

namespace graft::train {

GroupWeights::GroupWeights(const Samples& samples, double step) : samples_(samples), step_(step) {
  counts_.resize(static_cast<std::size_t>(*std::ranges::max_element(samples.groups)) + 1);
  for (const int group : samples.groups) ++counts_[static_cast<std::size_t>(group)];
  const auto groups = static_cast<double>(std::ranges::count_if(counts_, [](double count) { return count > 0; }));
  for (const double count : counts_) values_.push_back(count > 0 ? 1 / groups : 0);
}

std::vector<double> GroupWeights::of_samples() const {
  const auto all = static_cast<double>(samples_.groups.size());
  std::vector<double> weights;
  for (std::size_t i = 0; i < samples_.groups.size(); ++i) {
    const auto g = static_cast<std::size_t>(samples_.groups[i]);
    weights.push_back(values_[g] * all / counts_[g] * (samples_.weights.empty() ? 1 : samples_.weights[i]));
  }
  return weights;
}

void GroupWeights::update(std::span<const std::size_t> batch, std::span<const float> losses) {
  std::vector<double> sums(values_.size());
  for (std::size_t i = 0; i < batch.size(); ++i) sums[static_cast<std::size_t>(samples_.groups[samples_.number(batch[i])])] += losses[i];
  const double part = static_cast<double>(batch.size()) / static_cast<double>(samples_.groups.size());
  double total = 0;
  for (std::size_t g = 0; g < values_.size(); ++g) {
    if (counts_[g] > 0) values_[g] *= std::exp(step_ * sums[g] / (part * counts_[g]));
    total += values_[g];
  }
  for (double& value : values_) value /= total;
}

}  // namespace graft::train
