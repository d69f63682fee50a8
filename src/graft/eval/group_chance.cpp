// What of a gap is chance: permutations of the groups' photos, bootstraps within the groups.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "graft/base/rng.h"
#include "graft/eval/draw.h"
#include "graft/eval/group_counts.h"

namespace graft::eval {
namespace {

constexpr std::size_t kBootstraps = 1000, kFewestPermutations = 500, kMostPermutations = 2000, kMostDraws = 100'000'000;

/// Draws of photos, one after another.
std::size_t permutations_of(std::size_t rows) {
  return std::clamp(kMostDraws / std::max<std::size_t>(rows, 1), kFewestPermutations, kMostPermutations);
}

std::vector<std::vector<std::size_t>> members_of(std::span<const int> which) {
  std::vector<std::vector<std::size_t>> members(which.empty() ? 0 : static_cast<std::size_t>(std::ranges::max(which)) + 1);
  for (std::size_t i = 0; i < which.size(); ++i) members[static_cast<std::size_t>(which[i])].push_back(i);
  return members;
}

std::vector<bool> compared(std::span<const GroupScore> groups) {
  std::vector<bool> which;
  for (const GroupScore& group : groups) which.push_back(group.compared);
  return which;
}

bool keeps_classes(GapKind kind) { return kind == GapKind::balanced_accuracy || kind == GapKind::equalised_odds; }

class Permutations {
 public:
  Permutations(const PhotoFacts& facts, std::span<const int> group_of, const std::vector<bool>& compared, std::span<const std::string> class_names)
      : facts_(facts), compared_(compared), class_names_(class_names) {
    for (std::size_t i = 0; i < group_of.size(); ++i)
      if (compared[static_cast<std::size_t>(group_of[i])]) photos_.push_back(i), groups_.push_back(group_of[i]);
  }

  /// Of the gaps whose null hypothesis keeps the classes of the groups as they are, or of the others.
  void test(std::vector<Gap>& gaps, bool keeping) {
    std::vector<std::vector<std::size_t>> strata{std::vector<std::size_t>(photos_.size())};
    std::iota(strata[0].begin(), strata[0].end(), std::size_t{0});
    if (keeping) {
      std::vector<int> of;
      for (const std::size_t photo : photos_) of.push_back(facts_.stratum[photo]);
      strata = members_of(of);
    }
    const std::size_t count = permutations_of(photos_.size());
    std::vector<std::size_t> as_far(gaps.size());
    for (std::size_t n = 0; n < count; ++n) {
      const std::vector<Gap> found = permuted(strata, Rng(n, keeping ? 1 : 0));
      for (std::size_t g = 0; g < gaps.size(); ++g) as_far[g] += found[g].size >= gaps[g].size - 1e-12 ? 1 : 0;
    }
    for (std::size_t g = 0; g < gaps.size(); ++g)
      if (keeps_classes(gaps[g].kind) == keeping) gaps[g].p = static_cast<double>(as_far[g] + 1) / static_cast<double>(count + 1);
  }

 private:
  std::vector<Gap> permuted(const std::vector<std::vector<std::size_t>>& strata, Rng rng) const {
    std::vector<int> dealt = groups_;
    for (const auto& stratum : strata) {
      std::vector<int> of;
      for (const std::size_t i : stratum) of.push_back(groups_[i]);
      rng.shuffle(std::span(of));
      for (std::size_t i = 0; i < stratum.size(); ++i) dealt[stratum[i]] = of[i];
    }
    std::vector<GroupCounts> counts(compared_.size(), GroupCounts(facts_.classes));
    for (std::size_t i = 0; i < photos_.size(); ++i) counts[static_cast<std::size_t>(dealt[i])].add(facts_, photos_[i]);
    return gaps_of(counts, compared_, class_names_);
  }

  const PhotoFacts& facts_;
  const std::vector<bool>& compared_;
  std::span<const std::string> class_names_;
  std::vector<std::size_t> photos_;
  std::vector<int> groups_;
};

/// By group and sample of a bootstrap.
struct Bootstrapped {
  std::vector<std::vector<double>> balanced, calibration;
};

/// Those of one group, drawn as all photos are for the numbers of the whole.
Units units_of(const PhotoFacts& facts, const std::vector<std::size_t>& members) {
  std::vector<int> stratum;
  for (const std::size_t photo : members) stratum.push_back(facts.stratum[photo]);
  Units units;
  for (const auto& photos : members_of(stratum)) units.strata.emplace_back(photos.begin(), photos.end());
  for (std::size_t i = 0; i < members.size(); ++i) units.photos.push_back({static_cast<uint32_t>(i)});
  return units;
}

/// Each group is drawn with a seed of its own, so that differences are of independent samples.
Bootstrapped bootstrap(const PhotoFacts& facts, std::span<const int> group_of, std::size_t groups) {
  const auto members = members_of(group_of);
  Bootstrapped found{std::vector<std::vector<double>>(groups), std::vector<std::vector<double>>(groups)};
  for (std::size_t g = 0; g < members.size(); ++g) {
    const Units units = units_of(facts, members[g]);
    std::vector<uint16_t> times(members[g].size());
    for (std::size_t n = 0; n < kBootstraps && !members[g].empty(); ++n) {
      draw(units, g, n, times);
      GroupCounts counts(facts.classes);
      for (std::size_t i = 0; i < times.size(); ++i)
        if (times[i] > 0) counts.add(facts, members[g][i], times[i]);
      found.balanced[g].push_back(balanced_accuracy(counts));
      found.calibration[g].push_back(calibration_error(counts));
    }
  }
  return found;
}

std::optional<Interval> of_difference(const std::vector<double>& high, const std::vector<double>& low, double size) {
  std::vector<double> differences;
  for (std::size_t n = 0; n < high.size(); ++n) differences.push_back(high[n] - low[n]);
  return bootstrap_interval(std::move(differences), size);
}

std::optional<Interval> of_rates(const Gap& gap, const GroupScore& high, const GroupScore& low, std::span<const std::string> class_names) {
  for (std::size_t k = 0; k < class_names.size(); ++k) {
    const GroupClass &a = high.classes[k], &b = low.classes[k];
    if (gap.of == class_names[k]) return newcombe(a.answers, b.answers);
    if (gap.of == "recall of " + class_names[k]) return newcombe(a.recall, b.recall);
    if (gap.of == "false alarms of " + class_names[k]) return newcombe(a.false_alarms, b.false_alarms);
  }
  return std::nullopt;  // no class has photos enough in two groups
}

std::optional<Interval> interval_of(const Gap& gap, std::span<const GroupScore> groups, const Bootstrapped& samples,
                                    std::span<const std::string> class_names) {
  switch (gap.kind) {
    case GapKind::accuracy: return newcombe(groups[gap.high].accuracy, groups[gap.low].accuracy);
    case GapKind::balanced_accuracy: return of_difference(samples.balanced[gap.high], samples.balanced[gap.low], gap.size);
    case GapKind::calibration: return of_difference(samples.calibration[gap.high], samples.calibration[gap.low], gap.size);
    case GapKind::demographic_parity:
    case GapKind::equalised_odds: break;
  }
  return of_rates(gap, groups[gap.high], groups[gap.low], class_names);
}

}  // namespace

Interval newcombe(const Proportion& a, const Proportion& b) {
  const double difference = a.value() - b.value();
  const Interval of_a = wilson(a), of_b = wilson(b);
  const auto root = [](double x, double y) { return std::sqrt(x * x + y * y); };
  return {difference - root(a.value() - of_a.low, of_b.high - b.value()), difference + root(of_a.high - a.value(), b.value() - of_b.low)};
}

void add_chance(const PhotoFacts& facts, std::span<const int> group_of, std::vector<GroupScore>& groups, std::vector<Gap>& gaps,
                std::span<const std::string> class_names) {
  const std::vector<bool> which = compared(groups);
  Bootstrapped samples = bootstrap(facts, group_of, groups.size());
  if (!gaps.empty()) {
    Permutations permutations(facts, group_of, which, class_names);
    for (const bool keeping : {false, true}) permutations.test(gaps, keeping);
    for (Gap& gap : gaps) gap.interval = interval_of(gap, groups, samples, class_names);
  }
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (groups[g].photos == 0) continue;
    groups[g].balanced_interval = bootstrap_interval(std::move(samples.balanced[g]), groups[g].balanced_accuracy);
    groups[g].ece_interval = bootstrap_interval(std::move(samples.calibration[g]), groups[g].ece);
  }
}

}  // namespace graft::eval
