// A pool of generated pictures that a discriminator is shown again later, so that it does not forget what its generator produced before (Shrivastava
// et al. 2017).
#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace graft::train {

struct PicturePool {
  std::size_t most = 0;  // capacity in pictures; 0: no pool
  uint64_t seed = 0;
  std::vector<at::Tensor> pictures = {};  // (H, W, 3), in order of arrival until the pool is full

  /// As many pictures as `made`, (N, H, W, 3). While the pool fills, each picture is stored and returned as it is; once the pool is full, each is,
  /// with probability one half, swapped for a random one of the pool. Determined by (seed, step) and the contents of the pool.
  at::Tensor exchange(const at::Tensor& made, uint64_t step);
};

}  // namespace graft::train
