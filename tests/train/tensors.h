// Tensors from goldens, and gradients against measured slopes.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "graft/train/graph/executor.h"

namespace graft::train {

/// Of rows of numbers.
inline at::Tensor tensor_of(const nlohmann::json& rows) {
  const auto values = rows.get<std::vector<std::vector<float>>>();
  at::Tensor tensor = at::empty({static_cast<int64_t>(values.size()), static_cast<int64_t>(values[0].size())}, at::kFloat);
  float* to = tensor.mutable_data_ptr<float>();
  for (const auto& row : values) to = std::copy(row.begin(), row.end(), to);
  return tensor;
}

/// 1 where the gradient of a parameter is right: how fast the penalty grows along it, over what the gradient says. `penalty` runs forward and is of
/// the output of that name, {value, gradient}; the network's own loss is left out. 0 where the gradient is.
template <class Of>
double slope_over_gradient(Executor& executor, const std::string& output, const std::string& parameter, const Of& penalty) {
  const auto here = penalty();
  executor.backward({{output, here.gradient}});
  std::size_t weight = 0;
  while (executor.graph().parameters[weight].name != parameter) ++weight;
  const at::Tensor gradient = executor.gradients[weight].clone();
  if (gradient.abs().max().item<float>() == 0) return 0;
  const at::Tensor way = gradient / gradient.norm();
  constexpr double kStep = 2e-3;
  executor.values[weight].add_(way, kStep);
  const double above = penalty().value;
  executor.values[weight].add_(way, -2 * kStep);
  const double below = penalty().value;
  return (above - below) / (2 * kStep) / (gradient * way).sum().item<double>();
}

}  // namespace graft::train
