// A small task drawn from a set of photos: few-shot learning is evaluated on such tasks, and meta-learning learns from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace graft::data {

/// Indices of photos, class by class.
struct Episode {
  std::vector<std::size_t> support, query;  // (ways, shots) and (ways, queries)
};

/// Draws `ways` of the classes and, from each of them, shots + queries different photos; determined by (seed, number). `of_class`: the photos of each
/// class, at least shots + queries of them.
Episode draw_episode(const std::vector<std::vector<std::size_t>>& of_class, int ways, int shots, int queries, uint64_t seed, std::size_t number);

}  // namespace graft::data
