#include "graft/eval/tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "graft/base/error.h"
#include "graft/eval/scores.h"

namespace graft::eval {
namespace {

void check_finite(std::span<const float> probabilities, std::size_t classes) {
  const auto bad = std::ranges::find_if(probabilities, [](float p) { return !std::isfinite(p); });
  if (bad == probabilities.end()) return;
  const auto at = static_cast<std::size_t>(bad - probabilities.begin());
  throw data_error("probabilities", fmt::format("that of class {} of photo {} is {}, expected a number", at % classes + 1, at / classes + 1, *bad),
                   "what the network computes has overflowed: measure it with --precision float32, or train it again with a lower --lr");
}

/// Whether fewer than `top` classes come before `label` (ties by index, as top_k).
bool among_top(std::span<const float> row, std::size_t label, int top) {
  int before = 0;
  for (std::size_t k = 0; k < row.size(); ++k) before += row[k] > row[label] || (row[k] == row[label] && k < label);
  return before < top;
}

uint8_t bin_of(float confidence) {
  return static_cast<uint8_t>(std::clamp(std::ceil(static_cast<double>(confidence) * kBins) - 1, 0.0, kBins - 1.0));
}

void look_at_photo(data::SingleLabel /*task*/, const Truth& truth, std::size_t i, std::span<const float> row, int top, Answered& to) {
  const int label = truth.labels[i];
  if (label < 0 || static_cast<std::size_t>(label) >= row.size())
    throw std::logic_error(fmt::format("eval: label {} of {} classes", label, row.size()));
  const auto photo = static_cast<uint32_t>(i), own = static_cast<uint32_t>(label);
  const auto said = static_cast<uint32_t>(std::ranges::max_element(row) - row.begin());
  double brier = 0;
  for (std::size_t k = 0; k < row.size(); ++k) brier += std::pow(static_cast<double>(row[k]) - (k == own ? 1 : 0), 2);
  to.photos.push_back({log_loss(row, label), brier, said == own ? 0U : 1U, said == own, among_top(row, own, top)});
  to.marks.push_back({photo, own, true, said == own});
  if (said != own) to.marks.push_back({photo, said, false, true});
  to.said.push_back({photo, row[said], bin_of(row[said]), said == own, false});
}

void look_at_photo(data::MultiLabel /*task*/, const Truth& truth, std::size_t i, std::span<const float> row, int /*top*/, Answered& to) {
  const auto targets = truth.targets.subspan(i * row.size(), row.size());
  const auto photo = static_cast<uint32_t>(i);
  double brier = 0;
  uint32_t wrong = 0;
  for (std::size_t k = 0; k < row.size(); ++k) {
    const bool has = targets[k] > 0.5F, said = row[k] >= kThreshold;
    brier += std::pow(static_cast<double>(row[k]) - (has ? 1 : 0), 2) / static_cast<double>(row.size());
    wrong += has != said ? 1 : 0;
    if (has || said) to.marks.push_back({photo, static_cast<uint32_t>(k), has, said});
    to.said.push_back({photo, row[k], bin_of(row[k]), has, false});
  }
  to.photos.push_back({log_loss(row, targets), brier, wrong, wrong == 0, false});
}

std::vector<bool> those_with(data::SingleLabel /*task*/, const Truth& truth, std::size_t label, std::size_t /*classes*/) {
  std::vector<bool> has(truth.rows);
  for (std::size_t i = 0; i < truth.rows; ++i) has[i] = static_cast<std::size_t>(truth.labels[i]) == label;
  return has;
}

std::vector<bool> those_with(data::MultiLabel /*task*/, const Truth& truth, std::size_t label, std::size_t classes) {
  std::vector<bool> has(truth.rows);
  for (std::size_t i = 0; i < truth.rows; ++i) has[i] = truth.targets[i * classes + label] > 0.5F;
  return has;
}

Ranking ranking_of(const Truth& truth, std::span<const float> probabilities, std::size_t label, std::size_t classes) {
  return rank(probabilities.data() + label, classes,
              std::visit([&](const auto& task) { return those_with(task, truth, label, classes); }, truth.task));
}

struct Bin {
  double count = 0, confidence = 0, right = 0;
  void add(double times, const Answered::Said& said) {
    count += times;
    confidence += times * static_cast<double>(said.confidence);
    right += said.right ? times : 0;
  }
};
using BinSums = std::array<Bin, kBins>;

/// Mean over the answers of how far apart confidence and accuracy of their bin are. The answers are in the order of their confidence, so that a bin of
/// either kind is a run of them, of which one sum is enough.
template <class Counts>
void add_calibration(const Answered& answered, const Counts& counts, Tally& tally) {
  const double all = tally.photos * static_cast<double>(answered.said.size() / answered.photos.size());
  double before = 0, of_width = 0, of_mass = 0, gaps_of_width = 0, gaps_of_mass = 0;
  std::size_t mass_bin = 0;
  uint8_t bin = 0;
  for (const Answered::Said& said : answered.said) {
    const double times = counts(said.photo), gap = times * (static_cast<double>(said.confidence) - (said.right ? 1 : 0));
    if (said.bin != bin) gaps_of_width += std::abs(std::exchange(of_width, 0)), bin = said.bin;
    if (!said.ties && mass_bin + 1 < kBins && before * kBins >= all * static_cast<double>(mass_bin + 1)) {  // equal confidences are not divided
      gaps_of_mass += std::abs(std::exchange(of_mass, 0));
      while (mass_bin + 1 < kBins && before * kBins >= all * static_cast<double>(mass_bin + 1)) ++mass_bin;
    }
    of_width += gap;
    of_mass += gap;
    before += times;
  }
  tally.ece = (gaps_of_width + std::abs(of_width)) / all;
  tally.adaptive_ece = (gaps_of_mass + std::abs(of_mass)) / all;
}

template <class Counts>
Tally summed(const Answered& answered, const Counts& counts) {
  Tally tally;
  constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
  tally.classes.assign(answered.classes, {.auroc = kUndefined, .average_precision = kUndefined});
  for (std::size_t i = 0; i < answered.photos.size(); ++i) {
    const Answered::Photo& photo = answered.photos[i];
    const double times = counts(i);
    tally.photos += times;
    tally.right += photo.right ? times : 0;
    tally.in_top += photo.in_top ? times : 0;
    tally.wrong += times * photo.wrong;
    tally.log_loss += times * photo.log_loss;
    tally.brier += times * photo.brier;
  }
  if (answered.top == 0) tally.in_top = kUndefined;
  tally.log_loss /= tally.photos;
  tally.brier /= tally.photos;
  for (const Answered::Mark& mark : answered.marks) {
    const double times = counts(mark.photo);
    ClassTally& of = tally.classes[mark.label];
    of.support += mark.has ? times : 0;
    of.predicted += mark.said ? times : 0;
    of.right += mark.has && mark.said ? times : 0;
  }
  add_calibration(answered, counts, tally);
  return tally;
}

}  // namespace

Answered look_at(const Truth& truth, std::span<const float> probabilities, std::size_t classes, int top) {
  const std::size_t known = std::max(truth.labels.size(), classes == 0 ? 0 : truth.targets.size() / classes);
  if (truth.rows == 0 || classes == 0 || probabilities.size() != truth.rows * classes || known != truth.rows || truth.rows > kPhotoBits)
    throw std::logic_error("eval: sizes of probabilities, labels and class names do not agree");
  check_finite(probabilities, classes);
  Answered answered{.classes = classes, .top = top};
  answered.photos.reserve(truth.rows);
  for (std::size_t i = 0; i < truth.rows; ++i)
    std::visit([&](const auto& task) { look_at_photo(task, truth, i, probabilities.subspan(i * classes, classes), top, answered); }, truth.task);
  std::ranges::stable_sort(answered.said, {}, &Answered::Said::confidence);
  for (std::size_t at = 1; at < answered.said.size(); ++at) answered.said[at].ties = answered.said[at].confidence == answered.said[at - 1].confidence;
  return answered;
}

void rank_classes(const Truth& truth, std::span<const float> probabilities, Answered& answered) {
  for (std::size_t k = 0; k < answered.classes; ++k) answered.rankings.push_back(ranking_of(truth, probabilities, k, answered.classes));
}

Tally sum_up(const Answered& answered, std::span<const uint16_t> counts) {
  return summed(answered, [&](std::size_t photo) { return static_cast<double>(counts[photo]); });
}

Tally sum_up(const Answered& answered, const Truth& truth, std::span<const float> probabilities) {
  Tally tally = summed(answered, [](std::size_t) { return 1.0; });
  for (std::size_t k = 0; k < answered.classes; ++k) {
    const RankingScores scores = score_ranking(ranking_of(truth, probabilities, k, answered.classes));
    tally.classes[k].auroc = scores.auroc;
    tally.classes[k].average_precision = scores.average_precision;
  }
  return tally;
}

std::vector<ReliabilityBin> reliability(const Answered& answered) {
  BinSums sums;
  for (const Answered::Said& said : answered.said) sums[said.bin].add(1, said);
  std::vector<ReliabilityBin> bins;
  for (std::size_t b = 0; b < sums.size(); ++b)
    bins.push_back({static_cast<double>(b) / kBins, static_cast<double>(b + 1) / kBins, sums[b].count, sums[b].confidence / sums[b].count,
                    sums[b].right / sums[b].count});
  return bins;
}

}  // namespace graft::eval
