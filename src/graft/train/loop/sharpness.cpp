#include "graft/train/loop/sharpness.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "graft/train/compute/host.h"

namespace graft::train {

void with_climbed_weights(Executor& executor, double rho, const std::function<void()>& pass) {
  std::vector<at::Tensor> gradients;
  std::ranges::copy_if(executor.gradients, std::back_inserter(gradients), [](const at::Tensor& g) { return g.defined(); });
  const double scale = rho / (norm_of_all(gradients) + 1e-12);
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
