#include "graft/train/sharpness.h"

#include <cmath>
#include <vector>

namespace graft::train {

void with_climbed_weights(Executor& executor, double rho, const std::function<void()>& pass) {
  double squares = 0;
  for (const at::Tensor& g : executor.gradients)
    if (g.defined()) squares += std::pow(at::linalg_vector_norm(g, 2, std::nullopt, false, at::kDouble).item<double>(), 2);
  const double scale = rho / (std::sqrt(squares) + 1e-12);
  const std::vector<at::Tensor> kept = executor.values;
  for (std::size_t p = 0; p < kept.size(); ++p) {
    const at::Tensor& gradient = executor.gradients[p];
    if (gradient.defined()) executor.values[p] = kept[p].add(gradient, scale);
    else if (executor.graph().parameters[p].buffer) executor.values[p] = kept[p].clone();
  }
  pass();
  executor.values = kept;
}

}  // namespace graft::train
