// A small task drawn from a set of photos: what few-shot learning is measured by, and what meta-learning learns from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace graft::data {

/// Photos by their number, class by class.
struct Episode {
  std::vector<std::size_t> support, query;  // (ways, shots) and (ways, queries)
};

/// A function of (seed, number): `ways` of the classes, and of each of them shots + queries photos, all different. `of_class`: the photos of each class, none fewer than these.
Episode draw_episode(const std::vector<std::vector<std::size_t>>& of_class, int ways, int shots, int queries, uint64_t seed, std::size_t number);

}  // namespace graft::data
