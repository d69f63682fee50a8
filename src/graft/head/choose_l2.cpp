#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <string_view>

#include "graft/base/rng.h"
#include "graft/data/groups.h"
#include "graft/head/design.h"
#include "graft/head/kernels.h"
#include "graft/head/l2_path.h"
#include "graft/head/logistic.h"
#include "graft/head/minimise.h"
#include "graft/head/softmax_loss.h"

namespace graft::head {
namespace {

constexpr std::size_t kMostFolds = 5;
constexpr double kStrongest = 30, kStep = 0.31622776601683794;  // two values a decade
constexpr double kWeakest = 0.1;                                // l2 * rows, about scikit-learn's C = 10: separable data only gets slower beyond

enum Stream : uint64_t { fold_stream = 1, subsample_stream = 2 };

/// The rows of each class that weigh anything, shuffled.
std::vector<std::vector<std::size_t>> by_class(std::span<const int> labels, int classes, std::span<const double> weights, uint64_t seed,
                                               Stream stream) {
  std::vector<std::vector<std::size_t>> members(static_cast<std::size_t>(classes));
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (weights.empty() || weights[i] > 0) members[static_cast<std::size_t>(labels[i])].push_back(i);
  Rng rng(seed, stream);
  for (auto& rows : members) rng.shuffle(std::span(rows));
  return members;
}

}  // namespace

namespace {

/// The units that each class is in, of the rows chosen.
std::vector<std::set<std::string_view>> units_by_class(std::span<const std::string> units, std::span<const int> labels, int classes,
                                                       std::span<const std::size_t> rows) {
  std::vector<std::set<std::string_view>> of_class(static_cast<std::size_t>(classes));
  for (const std::size_t i : rows) of_class[static_cast<std::size_t>(labels[i])].insert(units[i]);
  return of_class;
}

Folds deal_groups(std::span<const int> labels, int classes, std::span<const double> weights, uint64_t seed, std::span<const std::string> groups) {
  std::vector<std::string> units;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    units.push_back(groups[i].empty() ? "row " + std::to_string(i) : "group " + groups[i]);
    if (weights.empty() || weights[i] > 0) rows.push_back(i);
  }
  std::set<std::string_view> alone;  // that a class could not do without
  for (const auto& some : units_by_class(units, labels, classes, rows))
    if (some.size() == 1) alone.insert(*some.begin());
  std::erase_if(rows, [&](std::size_t i) { return alone.contains(units[i]); });

  std::size_t most = 0;
  for (const auto& some : units_by_class(units, labels, classes, rows)) most = std::max(most, some.size());
  const std::size_t count = most < 2 ? 0 : std::min(kMostFolds, most);
  Folds folds{std::vector<int>(labels.size(), -1), static_cast<int>(count)};
  if (count == 0) return folds;
  std::vector<std::string> dealt;
  std::vector<std::vector<int>> of_dealt;
  for (const std::size_t i : rows) {
    dealt.push_back(units[i]);
    of_dealt.push_back({labels[i]});
  }
  const std::vector<int> parts = data::deal_units(dealt, of_dealt, std::vector<double>(count, 1.0 / static_cast<double>(count)), seed);
  for (std::size_t i = 0; i < rows.size(); ++i) folds.of[rows[i]] = parts[i];
  return folds;
}

}  // namespace

Folds deal(std::span<const int> labels, int classes, std::span<const double> weights, uint64_t seed, std::span<const std::string> groups) {
  if (std::ranges::any_of(groups, [](const std::string& group) { return !group.empty(); }))
    return deal_groups(labels, classes, weights, seed, groups);
  const auto members = by_class(labels, classes, weights, seed, fold_stream);
  std::size_t largest = 0;
  for (const auto& rows : members) largest = std::max(largest, rows.size());
  const std::size_t count = largest < 2 ? 0 : std::min(kMostFolds, largest);
  Folds folds{std::vector<int>(labels.size(), -1), static_cast<int>(count)};
  std::size_t next = 0;
  for (const auto& rows : members)
    if (rows.size() > 1)
      for (const std::size_t row : rows) folds.of[row] = static_cast<int>(next++ % count);
  return folds;
}

namespace {

/// share[fold * rows + row]: what SoftmaxLoss wants; a fold leaves its own rows out.
std::vector<double> shares(const Folds& folds, std::span<const double> weights) {
  const std::size_t rows = weights.size();
  std::vector<double> share(static_cast<std::size_t>(folds.count) * rows);
  for (int fold = 0; fold < folds.count; ++fold) {
    const auto part = std::span(share).subspan(static_cast<std::size_t>(fold) * rows, rows);
    double total = 0;
    for (std::size_t i = 0; i < rows; ++i) total += part[i] = folds.of[i] == fold ? 0 : weights[i];
    for (double& value : part) value /= total;
  }
  return share;
}

L2Score summary(double l2, std::span<const RowScore> scores, const Folds& folds, std::span<const double> weights) {
  double total = 0, right = 0, loss = 0, spread = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (folds.of[i] < 0) continue;
    total += weights[i];
    right += scores[i].right ? weights[i] : 0;
    loss += weights[i] * scores[i].log_loss;
  }
  loss /= total;
  for (std::size_t i = 0; i < scores.size(); ++i)
    if (folds.of[i] >= 0) spread += weights[i] * weights[i] * (scores[i].log_loss - loss) * (scores[i].log_loss - loss);
  return {l2, right / total, loss, std::sqrt(spread) / total};
}

}  // namespace

std::vector<L2Score> follow_path(std::size_t rows, const std::function<L2Score(double l2)>& score_at) {
  std::vector<L2Score> path;
  double best = 0;
  int worse = 0;
  for (double l2 = kStrongest; worse < 2 && l2 * static_cast<double>(rows) >= kWeakest; l2 *= kStep) {
    path.push_back(score_at(l2));
    const double now = path.back().log_loss;
    best = path.size() == 1 ? now : std::min(best, now);
    worse = now > 1.02 * best ? worse + 1 : 0;
  }
  return path;
}

std::vector<std::size_t> subsample(std::span<const int> labels, int classes, std::span<const double> weights, uint64_t seed) {
  std::vector<std::size_t> chosen;
  for (const auto& rows : by_class(labels, classes, weights, seed, subsample_stream)) {
    const std::size_t wanted = std::max<std::size_t>(2, rows.size() * kMostRows / labels.size());
    chosen.insert(chosen.end(), rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(wanted, rows.size())));
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

Block<float> rows_to_compare(const Features& features, const Standard& standard, ThreadPool& pool) {
  if (!worth_reducing(features)) return standard_rows<float>(features, standard, pool);
  const Block<double> factor = reduce(standard_rows<double>(features, standard, pool), pool);
  Block<float> rows(factor.rows(), factor.width());
  for (std::size_t i = 0; i < factor.rows(); ++i)
    std::transform(factor.row(i), factor.row(i) + factor.width(), rows.row(i), [](double value) { return static_cast<float>(value); });
  return rows;
}

L2Choice best_on_path(std::size_t rows, int folds, const std::function<L2Score(double l2, OfHeldOut& held_out)>& score_at,
                      std::optional<double> only) {
  L2Choice choice{.l2 = 0, .path = {}, .folds = folds};
  double least = std::numeric_limits<double>::infinity();
  OfHeldOut held_out;
  const auto try_one = [&](double l2) {
    const L2Score score = score_at(l2, held_out);
    if (score.log_loss < least || choice.held_out.empty()) {
      least = score.log_loss;
      choice.l2 = l2;
      choice.held_out = held_out.losses;
      choice.held_out_logits.swap(held_out.logits);
    }
    return score;
  };
  if (only) choice.path = {try_one(*only)};
  else choice.path = follow_path(rows, try_one);
  return choice;
}

namespace {

L2Choice choose(const Features& features, std::span<const int> labels, int classes, const ClassWeights& class_weights, uint64_t seed,
                ThreadPool& pool, std::span<const double> own, std::span<const std::string> groups, std::optional<double> only) {
  const std::vector<double> weights = row_weights(labels, classes, class_weights, own);
  const Standard standard = standardise(features, weights, pool);
  const Folds folds = deal(labels, classes, own, seed, groups);
  if (folds.count == 0) return {kDefaultL2, {}, 0};
  const Block<float> rows = rows_to_compare(features, standard, pool);
  SoftmaxLoss<float, float> loss(rows, labels, classes, shares(folds, weights), pool);
  std::vector<double> parameters(loss.parameters());
  return best_on_path(
      rows.rows(), folds.count,
      [&](double l2, OfHeldOut& held_out) {  // each fit started from the one before
        minimise([&](std::span<const double> x, std::span<double> gradient) { return loss.evaluate(x, l2, gradient); }, parameters, kRough);
        const std::vector<RowScore> scores = loss.score(parameters, folds.of);
        held_out.losses.clear();
        held_out.logits.assign(scores.size() * static_cast<std::size_t>(classes), 0.0F);
        for (std::size_t i = 0; i < scores.size(); ++i) {
          held_out.losses.push_back(folds.of[i] < 0 ? std::numeric_limits<double>::quiet_NaN() : scores[i].log_loss);
          const auto row = std::span(held_out.logits).subspan(i * static_cast<std::size_t>(classes), static_cast<std::size_t>(classes));
          if (folds.of[i] >= 0) loss.logits_of(i, static_cast<std::size_t>(folds.of[i]), row);
        }
        return summary(l2, scores, folds, weights);
      },
      only);
}

}  // namespace

L2Choice choose_l2(const Features& features, std::span<const int> labels, int classes, const ClassWeights& class_weights, uint64_t seed,
                   ThreadPool& pool, std::span<const double> weights, std::span<const std::string> groups, std::optional<double> only) {
  check_problem(features, labels, classes);
  if (features.rows <= kMostRows) return choose(features, labels, classes, class_weights, seed, pool, weights, groups, only);
  check_finite(features);
  const std::vector<std::size_t> chosen = subsample(labels, classes, weights, seed);
  std::vector<float> values;
  values.reserve(chosen.size() * features.width);
  std::vector<int> some;
  std::vector<double> own;
  std::vector<std::string> of_some;
  for (const std::size_t row : chosen) {
    values.insert(values.end(), features.row(row).begin(), features.row(row).end());
    some.push_back(labels[row]);
    if (!weights.empty()) own.push_back(weights[row]);
    if (!groups.empty()) of_some.push_back(groups[row]);
  }
  // The best penalty on the *mean* loss falls as 1 / rows: the prior is the same, the evidence grows.
  const double scale = static_cast<double>(chosen.size()) / static_cast<double>(features.rows);
  if (only) *only /= scale;
  L2Choice choice = choose({values, chosen.size(), features.width}, some, classes, class_weights, seed, pool, own, of_some, only);
  choice.l2 *= scale;
  choice.rows = chosen;
  return choice;
}

}  // namespace graft::head
