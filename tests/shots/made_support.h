// A few made photos as a network sees them.
#pragma once

#include "graft/base/rng.h"
#include "graft/shots/kept.h"

namespace graft::shots {

/// `photos` of each class, each a noisy copy of its class's features.
inline Support made_support(const std::vector<std::string>& classes, const std::vector<int>& photos, std::size_t width = 12) {
  Support support{.classes = classes, .labels = {}, .values = {}, .width = width};
  for (std::size_t k = 0; k < classes.size(); ++k)
    for (int i = 0; i < photos[k]; ++i) {
      support.labels.push_back(static_cast<int>(k));
      Rng mean(1, k), noise(2, k * 1000 + static_cast<std::size_t>(i));
      for (std::size_t c = 0; c < width; ++c) support.values.push_back(static_cast<float>(mean.uniform() + 0.5 * noise.uniform()));
    }
  return support;
}

}  // namespace graft::shots
