#include "graft/data/split.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "graft/base/hash.h"
#include "graft/base/rng.h"

namespace graft::data {

std::vector<bool> choose_val(std::span<const std::string> names, std::span<const int> labels, int classes, double fraction, uint64_t seed) {
  using Drawn = std::pair<double, std::size_t>;
  std::vector<std::vector<Drawn>> of_class(static_cast<std::size_t>(classes));
  for (std::size_t i = 0; i < names.size(); ++i)
    of_class[static_cast<std::size_t>(labels[i])].emplace_back(Rng(seed, hash128(as_bytes(names[i])).low).uniform(), i);
  std::vector<bool> val(names.size());
  for (std::vector<Drawn>& drawn : of_class) {
    std::ranges::sort(drawn, {}, [&](const Drawn& d) { return std::tie(d.first, names[d.second]); });
    const auto count = static_cast<std::size_t>(std::lround(fraction * static_cast<double>(drawn.size())));
    for (std::size_t i = 0; i < std::clamp<std::size_t>(count, 1, drawn.size() - 1); ++i) val[drawn[i].second] = true;
  }
  return val;
}

}  // namespace graft::data
