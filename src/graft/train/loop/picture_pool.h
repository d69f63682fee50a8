// Made pictures that a discriminator is shown once more, so that it does not forget what its rival did before (Shrivastava et al. 2017).
#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace graft::train {

struct PicturePool {
  std::size_t most = 0;  // pictures
  uint64_t seed = 0;
  std::vector<at::Tensor> pictures = {};  // (H, W, 3), from the first on until it is full

  /// As many as `made`, (N, H, W, 3): each of these itself, or, once the pool is full, in one half of the cases one of the pool, whose place it takes. By
  /// (seed, step) and what the pool holds.
  at::Tensor exchange(const at::Tensor& made, uint64_t step);
};

}  // namespace graft::train
