#include "graft/train/loop/picture_pool.h"

#include "graft/base/rng.h"

namespace graft::train {

at::Tensor PicturePool::exchange(const at::Tensor& made, uint64_t step) {
  if (most == 0) return made;
  Rng rng(seed, step);
  std::vector<at::Tensor> shown;
  for (const at::Tensor& picture : made.unbind()) {
    at::Tensor& taken = shown.emplace_back(picture);
    if (pictures.size() < most) {
      pictures.push_back(picture.clone());
    } else if (rng.uniform() < 0.5) {
      at::Tensor& kept = pictures[rng.below(pictures.size())];
      taken = std::exchange(kept, picture.clone());
    }
  }
  return at::stack(shown);
}

}  // namespace graft::train
