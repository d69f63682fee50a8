#include "graft/train/compute/host.h"

#include <cmath>
#include <optional>

#include "graft/base/rng.h"

namespace graft::train {

at::Tensor from_host(std::span<const float> values, at::IntArrayRef sizes, const at::TensorOptions& options) {
  return at::from_blob(const_cast<float*>(values.data()), sizes, at::kFloat).to(options, false, true);  // only read
}

at::Tensor drawn(uint64_t seed, uint64_t stream, double p, at::IntArrayRef sizes, at::Device device) {
  const at::Tensor chosen = at::empty(sizes, at::kBool);
  Rng rng(seed, stream);
  for (bool& x : std::span(chosen.mutable_data_ptr<bool>(), static_cast<std::size_t>(chosen.numel()))) x = rng.uniform() >= p;
  return chosen.to(device);
}

double norm_of_all(const std::vector<at::Tensor>& tensors) {
  if (tensors.empty()) return 0;
  std::vector<at::Tensor> norms;
  for (const at::Tensor& t : tensors) norms.push_back(at::linalg_vector_norm(t, 2, std::nullopt, false, at::kDouble));
  const at::Tensor all = at::stack(norms).to(at::kCPU);
  double squares = 0;
  for (const double norm : std::span(all.const_data_ptr<double>(), norms.size())) squares += std::pow(norm, 2);
  return std::sqrt(squares);
}

}  // namespace graft::train
