#include "graft/train/terms/reconstruction.h"

namespace graft::train {

at::Tensor patches_of_pictures(const at::Tensor& pictures, int64_t side) {
  return pictures.unflatten(2, {-1, side}).unflatten(1, {-1, side}).permute({0, 1, 3, 2, 4, 5}).flatten(3).flatten(1, 2).contiguous();
}

Reconstruction reconstruction_loss(const at::Tensor& said, const at::Tensor& patches, const at::Tensor& hidden) {
  constexpr double kEps = 1e-6;  // the authors'
  const at::Tensor normal = (patches - patches.mean(-1, true)) / (patches.var(-1, true, true) + kEps).sqrt();
  const at::Tensor difference = (said - normal) * hidden.unsqueeze(-1);
  const double count = hidden.sum().item<double>() * static_cast<double>(said.size(-1));
  return {difference.square().sum().item<double>() / count, difference * (2 / count)};
}

}  // namespace graft::train
