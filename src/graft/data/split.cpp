#include "graft/data/split.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "graft/base/hash.h"
#include "graft/base/rng.h"

namespace graft::data {
namespace {

/// The samples of each class in the order that the seed gives them.
std::vector<std::vector<std::size_t>> drawn_order(std::span<const std::string> names, std::span<const int> labels, int classes, uint64_t seed) {
  using Drawn = std::pair<double, std::size_t>;
  std::vector<std::vector<Drawn>> of_class(static_cast<std::size_t>(classes));
  for (std::size_t i = 0; i < names.size(); ++i)
    of_class[static_cast<std::size_t>(labels[i])].emplace_back(Rng(seed, hash128(as_bytes(names[i])).low).uniform(), i);
  std::vector<std::vector<std::size_t>> order;
  for (std::vector<Drawn>& drawn : of_class) {
    std::ranges::sort(drawn, {}, [&](const Drawn& d) { return std::tie(d.first, names[d.second]); });
    order.emplace_back();
    for (const Drawn& d : drawn) order.back().push_back(d.second);
  }
  return order;
}

}  // namespace

std::vector<bool> choose_val(std::span<const std::string> names, std::span<const int> labels, int classes, double fraction, uint64_t seed) {
  std::vector<bool> val(names.size());
  for (const std::vector<std::size_t>& drawn : drawn_order(names, labels, classes, seed)) {
    if (drawn.empty()) continue;
    const auto count = static_cast<std::size_t>(std::lround(fraction * static_cast<double>(drawn.size())));
    for (std::size_t i = 0; i < std::clamp<std::size_t>(count, 1, drawn.size() - 1); ++i) val[drawn[i]] = true;
  }
  return val;
}

std::vector<int> choose_folds(std::span<const std::string> names, std::span<const int> labels, int classes, int folds, uint64_t seed) {
  std::vector<int> parts(names.size());
  int next = 0;  // continues from class to class, or the first part would get the odd ones of all classes
  for (const std::vector<std::size_t>& drawn : drawn_order(names, labels, classes, seed))
    for (const std::size_t i : drawn) parts[i] = next++ % folds;
  return parts;
}

}  // namespace graft::data
