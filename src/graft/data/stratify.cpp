#include "graft/data/stratify.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>

#include "graft/base/hash.h"
#include "graft/base/rng.h"

namespace graft::data {
namespace {

/// The samples in the order that names and seed give them.
std::vector<std::size_t> drawn_order(std::span<const std::string> names, uint64_t seed) {
  std::vector<std::pair<double, std::size_t>> drawn;
  for (std::size_t i = 0; i < names.size(); ++i) drawn.emplace_back(Rng(seed, hash128(as_bytes(names[i])).low).uniform(), i);
  std::ranges::sort(drawn, {}, [&](const auto& d) { return std::tie(d.first, names[d.second]); });
  std::vector<std::size_t> order;
  for (const auto& [draw, i] : drawn) order.push_back(i);
  return order;
}

/// How many of `n` each part wants: together n.
std::vector<double> wanted_of(std::size_t n, std::span<const double> shares) {
  std::vector<double> wanted;
  double given = 0;
  for (const double share : shares)
    given += wanted.emplace_back(std::max(std::round(share * static_cast<double>(n)), n >= shares.size() ? 1.0 : 0.0));
  *std::ranges::max_element(wanted) += static_cast<double>(n) - given;
  return wanted;
}

class Dealing {
 public:
  Dealing(std::span<const std::vector<int>> classes, std::span<const double> shares) : classes_(classes), part_(classes.size(), -1) {
    for (const std::vector<int>& some : classes)
      for (const int k : some) {
        left_.resize(std::max(left_.size(), static_cast<std::size_t>(k) + 1));
        ++left_[static_cast<std::size_t>(k)];
      }
    for (const std::size_t n : left_) wanted_.push_back(wanted_of(n, shares));
    all_wanted_ = wanted_of(classes.size(), shares);
  }

  std::vector<int> deal(const std::vector<std::size_t>& order) {
    while (const auto rarest = rarest_left())
      for (const std::size_t i : order)
        if (part_[i] < 0 && std::ranges::find(classes_[i], static_cast<int>(*rarest)) != classes_[i].end()) give(i, wanted_[*rarest]);
    const std::vector<double> alike(all_wanted_.size());
    for (const std::size_t i : order)
      if (part_[i] < 0) give(i, alike);
    return part_;
  }

 private:
  std::optional<std::size_t> rarest_left() const {
    std::optional<std::size_t> rarest;
    for (std::size_t k = 0; k < left_.size(); ++k)
      if (left_[k] > 0 && (!rarest || left_[k] < left_[*rarest])) rarest = k;
    return rarest;
  }

  void give(std::size_t i, const std::vector<double>& by) {
    std::size_t to = 0;
    for (std::size_t p = 1; p < by.size(); ++p)
      if (std::tie(by[p], all_wanted_[p]) > std::tie(by[to], all_wanted_[to])) to = p;
    part_[i] = static_cast<int>(to);
    --all_wanted_[to];
    for (const int k : classes_[i]) {
      --left_[static_cast<std::size_t>(k)];
      --wanted_[static_cast<std::size_t>(k)][to];
    }
  }

  std::span<const std::vector<int>> classes_;
  std::vector<int> part_;
  std::vector<std::size_t> left_;            // by class: samples that have no part yet
  std::vector<std::vector<double>> wanted_;  // by class and part
  std::vector<double> all_wanted_;           // by part
};

}  // namespace

std::vector<int> stratify(std::span<const std::string> names, std::span<const std::vector<int>> classes, std::span<const double> shares,
                          uint64_t seed) {
  return Dealing(classes, shares).deal(drawn_order(names, seed));
}

}  // namespace graft::data
