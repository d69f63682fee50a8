#include "graft/eval/draw.h"

#include <algorithm>
#include <array>
#include <map>

#include "graft/base/rng.h"
#include "graft/eval/scores.h"

namespace graft::eval {
namespace {

constexpr int kNoClass = -1;

int class_of(data::SingleLabel /*task*/, const Truth& truth, std::size_t photo) { return truth.labels[photo]; }
int class_of(data::MultiLabel /*task*/, const Truth& /*truth*/, std::size_t /*photo*/) { return kNoClass; }

/// The class that all photos of the unit have.
int class_of_unit(const Truth& truth, const std::vector<uint32_t>& photos) {
  const auto one = [&](uint32_t photo) { return std::visit([&](const auto& task) { return class_of(task, truth, photo); }, truth.task); };
  const int first = one(photos.front());
  return std::ranges::all_of(photos, [&](uint32_t photo) { return one(photo) == first; }) ? first : kNoClass;
}

/// Uniform below `bound`, off by less than bound / 2^32.
uint32_t below(Rng& rng, std::size_t bound) { return static_cast<uint32_t>(uint64_t{rng.next()} * bound >> 32U); }

}  // namespace

Units units_of(const Truth& truth, std::span<const std::string> groups) {
  const bool grouped = std::ranges::any_of(groups, [](const std::string& group) { return !group.empty(); });
  Units units;
  std::map<std::string_view, std::size_t> unit_of;
  for (std::size_t i = 0; i < truth.rows; ++i) {
    const bool alone = !grouped || groups[i].empty();
    const std::size_t unit = alone ? units.photos.size() : unit_of.try_emplace(groups[i], units.photos.size()).first->second;
    if (unit == units.photos.size()) units.photos.emplace_back();
    units.photos[unit].push_back(static_cast<uint32_t>(i));
  }
  std::vector<int> classes;
  for (const std::vector<uint32_t>& photos : units.photos) classes.push_back(class_of_unit(truth, photos));
  const bool by_class = std::ranges::find(classes, kNoClass) == classes.end();
  units.drawn = grouped ? (by_class ? "groups of each class" : "groups") : (by_class ? "photos of each class" : "photos");
  units.strata.resize(by_class ? static_cast<std::size_t>(std::ranges::max(classes)) + 1 : 1);
  for (std::size_t unit = 0; unit < classes.size(); ++unit)
    units.strata[by_class ? static_cast<std::size_t>(classes[unit]) : 0].push_back(static_cast<uint32_t>(unit));
  return units;
}

void draw(const Units& units, uint64_t seed, uint64_t sample, std::span<uint16_t> counts) {
  Rng rng(seed, sample);
  std::ranges::fill(counts, uint16_t{0});
  for (const std::vector<uint32_t>& stratum : units.strata)
    for (std::size_t n = 0; n < stratum.size(); ++n)
      for (const uint32_t photo : units.photos[stratum[below(rng, stratum.size())]]) ++counts[photo];
}

std::vector<Tally> sum_up_samples(const Answered& answered, const Units& units, uint64_t seed, std::size_t first, std::size_t last) {
  const std::size_t photos = answered.photos.size();
  std::vector<uint16_t> counts(photos), of_lanes(answered.rankings.empty() ? 0 : photos * kLanes);
  std::vector<Tally> tallies;
  for (std::size_t lane = 0; lane < kLanes && first + lane < last; ++lane) {
    draw(units, seed, first + lane, counts);
    tallies.push_back(sum_up(answered, counts));
    for (std::size_t i = 0; i < of_lanes.size() / kLanes; ++i) of_lanes[i * kLanes + lane] = counts[i];
  }
  std::array<RankingScores, kLanes> scores{};
  for (std::size_t k = 0; k < answered.rankings.size(); ++k) {
    score_ranking(answered.rankings[k], of_lanes, scores);
    for (std::size_t lane = 0; lane < tallies.size(); ++lane) {
      tallies[lane].classes[k].auroc = scores[lane].auroc;
      tallies[lane].classes[k].average_precision = scores[lane].average_precision;
    }
  }
  return tallies;
}

}  // namespace graft::eval
