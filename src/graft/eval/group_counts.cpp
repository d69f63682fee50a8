#include "graft/eval/group_counts.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace graft::eval {
namespace {

void begin(PhotoFacts& facts, std::size_t rows, std::size_t classes) {
  facts.rows = rows;
  facts.classes = classes;
  for (auto* from : {&facts.has_from, &facts.said_from, &facts.judged_from}) from->assign(1, 0);
}

void end_row(PhotoFacts& facts) {
  facts.has_from.push_back(facts.has.size());
  facts.said_from.push_back(facts.said.size());
  facts.judged_from.push_back(facts.judged.size());
}

void add_row(data::SingleLabel /*task*/, PhotoFacts& facts, const Truth& truth, std::size_t i, std::span<const float> row) {
  const auto top = std::ranges::max_element(row);
  const int label = truth.labels[i], said = static_cast<int>(top - row.begin());
  facts.has.push_back(label);
  facts.said.push_back(said);
  facts.right.push_back(label == said);
  facts.stratum.push_back(label);
  facts.judged.push_back({*top, label == said});
}

void add_row(data::MultiLabel /*task*/, PhotoFacts& facts, const Truth& truth, std::size_t i, std::span<const float> row) {
  bool right = true;
  for (std::size_t k = 0; k < row.size(); ++k) {
    const bool has = truth.targets[i * row.size() + k] > 0.5F, said = row[k] >= kThreshold;
    if (has) facts.has.push_back(static_cast<int>(k));
    if (said) facts.said.push_back(static_cast<int>(k));
    right = right && has == said;
    facts.judged.push_back({row[k], has});
  }
  facts.right.push_back(right);
  facts.stratum.push_back(0);
}

/// The values of the groups that are compared, farthest apart.
class Widest {
 public:
  explicit Widest(Gap gap) : gap_(std::move(gap)) {}

  template <class Value, class Defined>
  void look(std::size_t groups, const std::vector<bool>& compared, const Value& value, const Defined& defined, const std::string& of = {}) {
    std::optional<std::size_t> high, low;
    for (std::size_t g = 0; g < groups; ++g) {
      if (!compared[g] || !defined(g)) continue;
      if (!high || value(g) > value(*high)) high = g;
      if (!low || value(g) < value(*low)) low = g;
    }
    if (!high || *high == *low) return;
    const double size = value(*high) - value(*low);
    if (found_ && size <= gap_.size) return;
    found_ = true;
    gap_.size = size, gap_.high = *high, gap_.low = *low, gap_.of = of;
  }
  /// Where nothing differs the first two.
  Gap take(const std::vector<bool>& compared) {
    if (!found_) {
      gap_.high = static_cast<std::size_t>(std::ranges::find(compared, true) - compared.begin());
      gap_.low =
          static_cast<std::size_t>(std::find(compared.begin() + static_cast<std::ptrdiff_t>(gap_.high) + 1, compared.end(), true) - compared.begin());
    }
    return gap_;
  }

 private:
  Gap gap_;
  bool found_ = false;
};

double rate_of(long part, long whole) { return static_cast<double>(part) / static_cast<double>(whole); }

}  // namespace

PhotoFacts facts_of(const Truth& truth, std::span<const float> probabilities, std::size_t classes) {
  PhotoFacts facts;
  begin(facts, truth.rows, classes);
  for (std::size_t i = 0; i < truth.rows; ++i) {
    std::visit([&](const auto& task) { add_row(task, facts, truth, i, probabilities.subspan(i * classes, classes)); }, truth.task);
    end_row(facts);
  }
  return facts;
}

void GroupCounts::add(const PhotoFacts& f, std::size_t i, long times) {
  photos += times;
  right += f.right[i] ? times : 0;
  std::size_t at = f.has_from[i];
  for (std::size_t s = f.said_from[i]; s < f.said_from[i + 1]; ++s) said[static_cast<std::size_t>(f.said[s])] += times;
  for (; at < f.has_from[i + 1]; ++at) {
    const int k = f.has[at];
    has[static_cast<std::size_t>(k)] += times;
    for (std::size_t s = f.said_from[i]; s < f.said_from[i + 1]; ++s) both[static_cast<std::size_t>(k)] += f.said[s] == k ? times : 0;
  }
  for (at = f.judged_from[i]; at < f.judged_from[i + 1]; ++at) {
    const auto [confidence, hit] = f.judged[at];
    Bin& bin = bins[static_cast<std::size_t>(std::clamp(static_cast<int>(std::ceil(double{confidence} * kBins)) - 1, 0, kBins - 1))];
    bin.confidence += double{confidence} * static_cast<double>(times);
    bin.count += times;
    bin.hits += hit ? times : 0;
  }
}

double balanced_accuracy(const GroupCounts& c) {
  double sum = 0, classes = 0;
  for (std::size_t k = 0; k < c.has.size(); ++k)
    if (c.has[k] > 0) sum += rate_of(c.both[k], c.has[k]), ++classes;
  return classes > 0 ? sum / classes : 0;
}

double calibration_error(const GroupCounts& c) {
  double sum = 0, count = 0;
  for (const GroupCounts::Bin& bin : c.bins) {
    sum += std::abs(bin.confidence - static_cast<double>(bin.hits));
    count += static_cast<double>(bin.count);
  }
  return count > 0 ? sum / count : 0;
}

std::vector<Gap> gaps_of(std::span<const GroupCounts> groups, const std::vector<bool>& compared, std::span<const std::string> class_names) {
  if (std::ranges::count(compared, true) < 2) return {};
  const auto always = [](std::size_t) { return true; };
  Widest accuracy({.kind = GapKind::accuracy}), balanced({.kind = GapKind::balanced_accuracy}), parity({.kind = GapKind::demographic_parity}),
      odds({.kind = GapKind::equalised_odds}), calibration({.kind = GapKind::calibration});
  accuracy.look(
      groups.size(), compared, [&](std::size_t g) { return rate_of(groups[g].right, groups[g].photos); }, always);
  balanced.look(
      groups.size(), compared, [&](std::size_t g) { return balanced_accuracy(groups[g]); }, always);
  calibration.look(
      groups.size(), compared, [&](std::size_t g) { return calibration_error(groups[g]); }, always);
  for (std::size_t k = 0; k < class_names.size(); ++k) {
    const auto without = [&](std::size_t g) { return groups[g].photos - groups[g].has[k]; };
    parity.look(
        groups.size(), compared, [&](std::size_t g) { return rate_of(groups[g].said[k], groups[g].photos); }, always, class_names[k]);
    odds.look(
        groups.size(), compared, [&](std::size_t g) { return rate_of(groups[g].both[k], groups[g].has[k]); },
        [&](std::size_t g) { return groups[g].has[k] >= kFewestOfClass; }, "recall of " + class_names[k]);
    odds.look(
        groups.size(), compared, [&](std::size_t g) { return rate_of(groups[g].said[k] - groups[g].both[k], without(g)); },
        [&](std::size_t g) { return without(g) >= kFewestOfClass; }, "false alarms of " + class_names[k]);
  }
  std::vector<Gap> gaps;
  for (Widest* widest : {&accuracy, &balanced, &parity, &odds, &calibration}) gaps.push_back(widest->take(compared));
  return gaps;
}

}  // namespace graft::eval
