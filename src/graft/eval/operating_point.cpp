#include "graft/eval/operating_point.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/eval/draw.h"

namespace graft::eval {
namespace {

constexpr int kPointSamples = 1000;

/// What each photo is to the test.
struct Tested {
  std::vector<bool> has, said;
};

std::vector<bool> photos_with(const Truth& truth, std::span<const float> probabilities, std::size_t classes, std::size_t label) {
  std::vector<bool> has(truth.rows);
  for (const Answered::Mark& mark : look_at(truth, probabilities, classes, 0).marks)
    if (mark.has && mark.label == label) has[mark.photo] = true;
  return has;
}

using Counts = std::array<Proportion, 3>;  // sensitivity, specificity, precision

Counts count(const Tested& tested, const std::function<double(std::size_t)>& times) {
  Counts counts{};
  for (std::size_t i = 0; i < tested.has.size(); ++i) {
    const bool has = tested.has[i], said = tested.said[i];
    Proportion& of_truth = counts[has ? 0 : 1];
    of_truth.whole += times(i);
    of_truth.part += has == said ? times(i) : 0;
    if (said) counts[2].whole += times(i), counts[2].part += has ? times(i) : 0;
  }
  return counts;
}

double rate_of(const Proportion& p) { return p.whole == 0 ? std::numeric_limits<double>::quiet_NaN() : p.part / p.whole; }

OperatingPoint tested_at(const Truth& truth, const Tested& tested, std::size_t label, float threshold, const Resampling& resampling) {
  const Counts all = count(tested, [](std::size_t) { return 1.0; });
  const Units units = units_of(truth, resampling.groups);
  std::array<std::vector<double>, 3> samples;
  std::vector<uint16_t> drawn(truth.rows);
  for (uint64_t s = 0; units.grouped() && s < kPointSamples; ++s) {
    draw(units, resampling.seed, s, drawn);
    const Counts counts = count(tested, [&](std::size_t i) { return static_cast<double>(drawn[i]); });
    for (std::size_t n = 0; n < counts.size(); ++n) samples[n].push_back(rate_of(counts[n]));
  }
  const auto rate = [&](std::size_t n) {
    Rate found{std::lround(all[n].part), std::lround(all[n].whole), std::nullopt};
    if (units.grouped()) found.interval = bootstrap_interval(samples[n], rate_of(all[n]));
    else if (found.whole > 0) found.interval = wilson(found.part, found.whole);
    return found;
  };
  return {label, threshold, std::nullopt, rate(0), rate(1), rate(2)};
}

}  // namespace

OperatingPoint point_at_recall(const Truth& truth, std::span<const float> probabilities, std::span<const std::string> class_names, std::size_t label,
                               double recall, const Resampling& resampling) {
  const std::size_t classes = class_names.size();
  const std::vector<bool> has = photos_with(truth, probabilities, classes, label);
  std::vector<float> own;
  for (std::size_t i = 0; i < has.size(); ++i)
    if (has[i]) own.push_back(probabilities[i * classes + label]);
  if (own.empty())
    throw data_error(fmt::format("--at-recall {}={}", printable(class_names[label]), recall), "none of the measured photos has the class",
                     "measure photos of it, or give a threshold with --at-threshold");
  std::ranges::sort(own, std::greater());
  const double needed = std::ceil(recall * static_cast<double>(own.size()) * (1 - 1e-12));  // 0.95 of 20 are 19, whatever 0.95 is in binary
  const float threshold = own[std::clamp<std::size_t>(static_cast<std::size_t>(needed), 1, own.size()) - 1];
  OperatingPoint point = point_at_threshold(truth, probabilities, classes, label, threshold, resampling);
  point.asked_recall = recall;
  return point;
}

OperatingPoint point_at_threshold(const Truth& truth, std::span<const float> probabilities, std::size_t classes, std::size_t label, float threshold,
                                  const Resampling& resampling) {
  Tested tested{photos_with(truth, probabilities, classes, label), {}};
  for (std::size_t i = 0; i < truth.rows; ++i) tested.said.push_back(probabilities[i * classes + label] >= threshold);
  return tested_at(truth, tested, label, threshold, resampling);
}

}  // namespace graft::eval
