#include "graft/head/importance.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "graft/base/rng.h"

namespace graft::head {
namespace {

constexpr std::size_t kFolds = 5;
constexpr double kFarthest = 30;  // of a logarithm of odds: what is beyond is certain
constexpr uint64_t kStream = 3;   // beside those of choose_l2

/// Whether target (1) or source (0), by row.
std::vector<int> domains(std::size_t source, std::size_t target) {
  std::vector<int> labels(source + target);
  std::fill(labels.begin() + static_cast<std::ptrdiff_t>(source), labels.end(), 1);
  return labels;
}

/// A fold for each row, both domains spread alike over them.
std::vector<std::size_t> deal_source(std::size_t source, std::size_t rows, uint64_t seed) {
  std::vector<std::size_t> order(rows), fold(rows);
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng(seed, kStream);
  rng.shuffle(std::span(order).first(source));
  rng.shuffle(std::span(order).subspan(source));
  for (std::size_t i = 0; i < rows; ++i) fold[order[i]] = i % kFolds;
  return fold;
}

/// Some rows of a table, with their labels.
struct Part {
  std::vector<std::size_t> rows;
  std::vector<float> values;
  std::vector<int> labels;
};

Part part_of(const Features& all, std::span<const int> labels, std::span<const std::size_t> fold, std::size_t out, bool held_out) {
  Part part;
  for (std::size_t i = 0; i < all.rows; ++i) {
    if ((fold[i] == out) != held_out) continue;
    part.rows.push_back(i);
    part.labels.push_back(labels[i]);
    part.values.insert(part.values.end(), all.row(i).begin(), all.row(i).end());
  }
  return part;
}

/// log p(target | x) / p(source | x) of each row, by a classifier that has not seen it.
std::vector<double> log_odds(const Features& all, std::span<const int> labels, std::span<const std::size_t> fold, double l2, ThreadPool& pool) {
  std::vector<double> odds(all.rows);
  for (std::size_t out = 0; out < kFolds; ++out) {
    const Part seen = part_of(all, labels, fold, out, false), unseen = part_of(all, labels, fold, out, true);
    const LinearHead head = fit_logistic({seen.values, seen.rows.size(), all.width}, seen.labels, 2, {.l2 = l2}, pool);
    std::vector<float> z(2 * unseen.rows.size());
    logits(head, {unseen.values, unseen.rows.size(), all.width}, z);
    for (std::size_t i = 0; i < unseen.rows.size(); ++i)
      odds[unseen.rows[i]] = std::clamp(static_cast<double>(z[2 * i + 1]) - static_cast<double>(z[2 * i]), -kFarthest, kFarthest);
  }
  return odds;
}

double mean(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size()); }

}  // namespace

double effective_size(std::span<const double> weights) {
  double sum = 0, squares = 0;
  for (const double w : weights) sum += w, squares += w * w;
  return sum * sum / squares;
}

Importance importance(const Features& source, const Features& target, uint64_t seed, ThreadPool& pool) {
  if (source.width != target.width || std::min(source.rows, target.rows) < kFewestOfDomain)
    throw std::logic_error("head: sizes of source and target do not fit");
  std::vector<float> values(source.values.begin(), source.values.end());
  values.insert(values.end(), target.values.begin(), target.values.end());
  const Features all{values, source.rows + target.rows, source.width};
  const std::vector<int> labels = domains(source.rows, target.rows);
  Importance result{.l2 = choose_l2(all, labels, 2, ClassWeights::none, seed, pool).l2};
  const std::vector<double> odds = log_odds(all, labels, deal_source(source.rows, all.rows, seed), result.l2, pool);
  const double prior = std::log(static_cast<double>(source.rows) / static_cast<double>(target.rows));
  for (std::size_t i = 0; i < all.rows; ++i) {
    const bool right = (odds[i] + prior > 0) == (labels[i] == 1);
    result.accuracy += right ? 0.5 / static_cast<double>(labels[i] == 1 ? target.rows : source.rows) : 0;
    if (labels[i] == 0) result.weights.push_back(std::exp(odds[i] + prior));
  }
  const double most = std::sqrt(static_cast<double>(source.rows)) * mean(result.weights);
  for (double& w : result.weights) {
    result.clipped += w > most ? 1 : 0;
    w = std::min(w, most);
  }
  const double centre = mean(result.weights);
  for (double& w : result.weights) w /= centre;
  result.effective_size = effective_size(result.weights);
  return result;
}

}  // namespace graft::head
