#include "graft/trust/separation.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "graft/base/rng.h"

namespace graft::trust {
namespace {

constexpr int kDraws = 1000;

/// How many known photos and strangers have each score, by ascending scores.
struct Counts {
  std::vector<std::size_t> known, strangers;
};

struct Ranks {
  std::size_t scores = 0;
  std::vector<std::size_t> known, strangers;  // of each photo: the place of its score
};

Ranks ranks_of(std::span<const double> known, std::span<const double> strangers) {
  std::vector<double> all(known.begin(), known.end());
  all.insert(all.end(), strangers.begin(), strangers.end());
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  const auto places = [&](std::span<const double> values) {
    std::vector<std::size_t> out;
    for (const double value : values) out.push_back(static_cast<std::size_t>(std::ranges::lower_bound(all, value) - all.begin()));
    return out;
  };
  return {all.size(), places(known), places(strangers)};
}

double auroc_of(const Counts& counts) {
  double below = 0, pairs = 0, strangers = 0;
  for (std::size_t i = 0; i < counts.known.size(); ++i) {
    const auto known = static_cast<double>(counts.known[i]), strange = static_cast<double>(counts.strangers[i]);
    pairs += strange * (below + known / 2);
    below += known;
    strangers += strange;
  }
  return pairs / (below * strangers);
}

double fpr95_of(const Counts& counts) {
  std::size_t known = 0, strangers = 0, taken = 0, wrong = 0;
  for (const std::size_t n : counts.known) known += n;
  for (const std::size_t n : counts.strangers) strangers += n;
  for (std::size_t i = 0; i < counts.known.size(); ++i) {
    taken += counts.known[i];
    wrong += counts.strangers[i];
    if (20 * taken >= 19 * known) break;
  }
  return static_cast<double>(wrong) / static_cast<double>(strangers);
}

Counts count(const Ranks& ranks) {
  Counts counts{std::vector<std::size_t>(ranks.scores), std::vector<std::size_t>(ranks.scores)};
  for (const std::size_t place : ranks.known) ++counts.known[place];
  for (const std::size_t place : ranks.strangers) ++counts.strangers[place];
  return counts;
}

std::vector<std::size_t> drawn(std::span<const std::size_t> places, Rng& rng) {
  std::vector<std::size_t> out;
  out.reserve(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) out.push_back(places[static_cast<std::size_t>(rng.below(places.size()))]);
  return out;
}

eval::Interval middle_95(std::vector<double> values) {
  std::ranges::sort(values);
  const auto at = [&](double part) { return values[static_cast<std::size_t>(std::lround(part * static_cast<double>(values.size() - 1)))]; };
  return {at(0.025), at(0.975)};
}

}  // namespace

double auroc_of(std::span<const double> known, std::span<const double> strangers) { return auroc_of(count(ranks_of(known, strangers))); }

Separation separation_of(std::span<const double> known, std::span<const double> strangers, uint64_t seed) {
  const Ranks ranks = ranks_of(known, strangers);
  const Counts counts = count(ranks);
  std::vector<double> aurocs, rates;
  for (int i = 0; i < kDraws; ++i) {
    Rng rng(seed, static_cast<uint64_t>(i));
    std::vector<std::size_t> some_known = drawn(ranks.known, rng), some_strangers = drawn(ranks.strangers, rng);
    const Counts again = count({ranks.scores, std::move(some_known), std::move(some_strangers)});
    aurocs.push_back(auroc_of(again));
    rates.push_back(fpr95_of(again));
  }
  return {auroc_of(counts), middle_95(std::move(aurocs)), fpr95_of(counts), middle_95(std::move(rates))};
}

}  // namespace graft::trust
