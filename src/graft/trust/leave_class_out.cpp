#include "graft/trust/leave_class_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <type_traits>

#include "graft/base/rng.h"
#include "graft/trust/halves.h"
#include "graft/trust/separation.h"

namespace graft::trust {
namespace {

constexpr std::size_t kRows = 600, kFewest = 4;  // photos of what is left out, and of the others
/// How often classes are left out, and which part of them at once: one of few, each time; of many, so few photos of one are there that an eighth of them goes at once.
constexpr std::size_t kTimes = 8, kManyClasses = 16, kTimesOfMany = 3, kPartOfMany = 8;
constexpr std::size_t kCloudRows = 2000, kNumbers = 1'500'000;  // 3 MB in half precision
/// A score that looks at what is kept beside the model must be better than one that does not by this much.
constexpr double kWorthIt = 0.005;

using Rows = std::vector<std::size_t>;

/// Of MultiLabel all rows are one cloud.
std::vector<int> cloud_labels(const head::Problem& problem) {
  if (data::one_class_each(problem.task)) return {problem.labels.begin(), problem.labels.end()};
  return std::vector<int>(problem.features.rows, 0);
}

bool has(const head::Problem& problem, std::size_t row, int c) {
  if (data::one_class_each(problem.task)) return problem.labels[row] == c;
  return problem.targets[row * static_cast<std::size_t>(problem.classes) + static_cast<std::size_t>(c)] > 0.5F;
}

/// What is compared when classes are left out: rows to learn from, and to be told apart.
struct Parts {
  Rows known, held_out, strangers;
};

Parts parts_of(const head::Problem& problem, const Rows& rows, std::span<const int> left_out) {
  Parts parts;
  std::vector<bool> turn(static_cast<std::size_t>(problem.classes), false);
  for (const std::size_t i : rows) {
    if (std::ranges::any_of(left_out, [&](int c) { return has(problem, i, c); })) {
      parts.strangers.push_back(i);
      continue;
    }
    const std::size_t label = data::one_class_each(problem.task) ? static_cast<std::size_t>(problem.labels[i]) : 0;
    (turn[label] ? parts.held_out : parts.known).push_back(i);
    turn[label] = !turn[label];
  }
  return parts;
}

std::vector<int> at(std::span<const int> labels, const Rows& rows) {
  std::vector<int> out;
  for (const std::size_t i : rows) out.push_back(labels[i]);
  return out;
}

std::vector<float> values_at(const head::Features& features, const Rows& rows) {
  std::vector<float> out;
  for (const std::size_t i : rows) out.insert(out.end(), features.row(i).begin(), features.row(i).end());
  return out;
}

/// A head of the classes that the rows have.
head::LinearHead head_without(const head::Problem& problem, const Rows& rows, double l2, ThreadPool& pool) {
  const std::vector<float> values = values_at(problem.features, rows);
  std::vector<int> labels = at(problem.labels, rows), names = labels;
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (int& label : labels) label = static_cast<int>(std::ranges::lower_bound(names, label) - names.begin());
  return head::fit_logistic({values, rows.size(), problem.features.width}, labels, static_cast<int>(names.size()),
                            {.l2 = l2, .class_weights = problem.class_weights}, pool);
}

struct Logits {
  std::size_t classes = 0;
  std::vector<float> values = {};
  std::span<const float> row(std::size_t i) const { return std::span(values).subspan(i * classes, classes); }
};

Logits logits_at(const std::optional<head::LinearHead>& head, const head::Features& features, const Rows& rows) {
  if (!head) return {};
  const std::vector<float> values = values_at(features, rows);
  Logits out{head->classes, std::vector<float>(rows.size() * head->classes)};
  head::logits(*head, {values, rows.size(), features.width}, out.values);
  return out;
}

/// The area under the curve of each score, with classes left out.
class LeftOut {
 public:
  LeftOut(const head::Problem& problem, const Parts& parts, std::size_t width, std::optional<head::LinearHead> head, uint64_t seed, ThreadPool& pool)
      : known_(logits_at(head, problem.features, parts.held_out)),
        strange_(logits_at(head, problem.features, parts.strangers)),
        known_rows_(unit_rows(problem.features, parts.held_out, width)),
        strange_rows_(unit_rows(problem.features, parts.strangers, width)) {
    const std::vector<float> rows = unit_rows(problem.features, parts.known, width);
    gauge_.clouds = find_clouds(rows, at(cloud_labels(problem), parts.known), width, seed, pool);
    neighbours_.score = Strangeness::neighbours;
    neighbours_.neighbours = {width, rows};
  }

  std::vector<TriedScore> tried() {
    std::vector<TriedScore> out;
    const auto add = [&](Strangeness score, const std::vector<double>& known, const std::vector<double>& strangers) {
      out.push_back({score, auroc_of(known, strangers)});
    };
    const std::vector<double> far = distances(known_rows_, gauge_.clouds), farther = distances(strange_rows_, gauge_.clouds);
    if (known_.classes > 0) {
      const std::vector<double> low = by(Strangeness::energy, known_), high = by(Strangeness::energy, strange_);
      add(Strangeness::energy, low, high);
      add(Strangeness::max_logit, by(Strangeness::max_logit, known_), by(Strangeness::max_logit, strange_));
      add(Strangeness::combined, sums(low, low, far, far), sums(low, high, far, farther));
    }
    add(Strangeness::mahalanobis, far, farther);
    add(Strangeness::neighbours, distances(known_rows_, neighbours_.neighbours), distances(strange_rows_, neighbours_.neighbours));
    return out;
  }

 private:
  static std::vector<double> by(Strangeness score, const Logits& logits) {
    std::vector<double> out;
    for (std::size_t i = 0; i * logits.classes < logits.values.size(); ++i) out.push_back(strangeness({.score = score}, logits.row(i), {}));
    return out;
  }

  template <class Known>
  static std::vector<double> distances(const std::vector<float>& rows, const Known& known) {
    std::vector<double> out;
    for (std::size_t i = 0; i < rows.size(); i += known.width) {
      const double value = distance(known, std::span(rows).subspan(i, known.width));
      out.push_back(std::is_same_v<Known, Clouds> ? std::sqrt(value) : value);
    }
    return out;
  }

  /// Energies and distances in the deviations of known ones.
  static std::vector<double> sums(const std::vector<double>& known_energies, const std::vector<double>& energies,
                                  const std::vector<double>& known_distances, const std::vector<double>& distances) {
    const Scale a = scale_of(known_energies), b = scale_of(known_distances);
    std::vector<double> out;
    for (std::size_t i = 0; i < energies.size(); ++i) out.push_back((energies[i] - a.mean) / a.deviation + (distances[i] - b.mean) / b.deviation);
    return out;
  }

  Logits known_, strange_;
  std::vector<float> known_rows_, strange_rows_;
  Gauge gauge_, neighbours_;
};

/// The best of these means; one of logits alone where it is nearly as good, for nothing is kept for it.
Strangeness best_of(const std::vector<TriedScore>& sorted) {
  for (const TriedScore& tried : sorted)
    if ((tried.score == Strangeness::energy || tried.score == Strangeness::max_logit) && tried.auroc > sorted.front().auroc - kWorthIt)
      return tried.score;
  return sorted.front().score;
}

}  // namespace

ChosenScore choose_score(const head::Problem& problem, std::size_t width, double l2, uint64_t seed, ThreadPool& pool) {
  const Rows rows = balanced(cloud_labels(problem), kRows, seed);
  std::vector<int> classes(static_cast<std::size_t>(problem.classes));
  std::iota(classes.begin(), classes.end(), 0);
  Rng(seed, 1).shuffle(std::span(classes));
  const bool with_head = data::one_class_each(problem.task) && problem.classes > 2;
  ChosenScore chosen{.score = Strangeness::neighbours, .photos = rows.size()};
  const bool many = classes.size() >= kManyClasses;
  const std::size_t times = many ? kTimesOfMany : kTimes, at_once = many ? classes.size() / kPartOfMany : 1;
  std::size_t tries = 0;
  for (std::size_t first = 0; tries < times && first + at_once <= classes.size(); first += at_once) {
    const Parts parts = parts_of(problem, rows, std::span(classes).subspan(first, at_once));
    if (parts.strangers.size() < kFewest || parts.known.size() < kFewest || parts.held_out.size() < kFewest) continue;
    const std::vector<int> left = at(cloud_labels(problem), parts.known);
    const bool solvable = with_head && std::ranges::adjacent_find(left, std::not_equal_to()) != left.end();
    if (with_head && !solvable) continue;
    LeftOut left_out(problem, parts, width, solvable ? std::optional(head_without(problem, parts.known, l2, pool)) : std::nullopt, seed, pool);
    const std::vector<TriedScore> tried = left_out.tried();
    if (chosen.tried.empty()) chosen.tried = tried;
    else
      for (std::size_t i = 0; i < tried.size(); ++i) chosen.tried[i].auroc += tried[i].auroc;
    ++tries;
    chosen.classes += at_once;
  }
  if (chosen.classes == 0) {
    chosen.reason = "too few photos to try the scores on a class that is left out";
    return chosen;
  }
  for (TriedScore& tried : chosen.tried) tried.auroc /= static_cast<double>(tries);
  std::ranges::stable_sort(chosen.tried, std::ranges::greater(), &TriedScore::auroc);
  chosen.score = best_of(chosen.tried);
  const auto found = std::ranges::find(chosen.tried, chosen.score, &TriedScore::score);
  chosen.reason = fmt::format("AUROC {:.3f} for {} classes that were left out {}{}", found->auroc, chosen.classes,
                              many ? fmt::format("{} at a time", at_once) : "in turn",
                              with_head                            ? ""
                              : data::one_class_each(problem.task) ? "; with two classes, only scores of the features can be tried"
                                                                   : "; with several classes per photo, only scores of the features are tried");
  return chosen;
}

Gauge make_gauge(Strangeness score, const head::Problem& problem, std::size_t width, uint64_t seed, ThreadPool& pool) {
  Gauge gauge{.score = score};
  const std::vector<int> labels = cloud_labels(problem);
  if (score == Strangeness::mahalanobis || score == Strangeness::combined) {
    const Rows rows = balanced(labels, kCloudRows, seed);
    gauge.clouds = find_clouds(unit_rows(problem.features, rows, width), at(labels, rows), width, seed, pool);
  }
  if (score == Strangeness::neighbours) {
    const Rows rows = balanced(labels, std::max<std::size_t>(kNeighbour, kNumbers / width), seed);
    gauge.neighbours = {width, unit_rows(problem.features, rows, width)};
    for (float& value : gauge.neighbours.rows) value = as_half(value);
  }
  return gauge;
}

}  // namespace graft::trust
