#include "graft/study/halving.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "graft/eval/paired.h"

namespace graft::study {
namespace {

constexpr std::size_t kRungs = 3;
constexpr double kBeyondDoubt = 2;  // standard errors

double mean_loss(const Judged& judged) {
  if (judged.losses.empty()) return std::numeric_limits<double>::infinity();
  double sum = 0;
  for (const double loss : judged.losses) sum += loss;
  return sum / static_cast<double>(judged.losses.size());
}

}  // namespace

std::vector<int> rungs_of(int epochs) {
  std::vector<int> rungs{epochs};
  while (rungs.size() < kRungs && rungs.back() > 1)
    rungs.push_back(std::max(1, static_cast<int>(std::lround(static_cast<double>(rungs.back()) / kEta))));
  std::ranges::reverse(rungs);
  return rungs;
}

std::vector<std::size_t> counts_of(std::size_t trials, std::size_t rungs) {
  std::vector<std::size_t> counts{trials};
  while (counts.size() < rungs) counts.push_back(std::max<std::size_t>((counts.back() + kEta - 1) / kEta, std::min<std::size_t>(2, trials)));
  return counts;
}

std::vector<std::size_t> promoted(std::span<const Judged> rung, std::size_t keep) {
  std::vector<const Judged*> order;
  for (const Judged& judged : rung) order.push_back(&judged);
  std::ranges::stable_sort(order, {}, [](const Judged* j) { return mean_loss(*j); });
  std::vector<std::size_t> on;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Judged& judged = *order[i];
    bool goes = i < keep && !judged.losses.empty();
    if (goes && i > 0) {
      const eval::LossDifference behind = eval::difference_of(judged.losses, order.front()->losses);
      goes = behind.mean <= kBeyondDoubt * behind.error;
    }
    if (goes || judged.trial == 0) on.push_back(judged.trial);
  }
  std::ranges::sort(on);
  return on;
}

std::size_t best_trial(std::span<const Judged> rung) {
  const Judged& best = *std::ranges::min_element(rung, {}, mean_loss);
  const auto plain = std::ranges::find(rung, 0U, &Judged::trial);
  if (plain == rung.end() || plain->losses.empty() || best.losses.empty()) return best.trial;
  const eval::LossDifference behind = eval::difference_of(plain->losses, best.losses);
  return behind.mean <= behind.error ? 0 : best.trial;
}

}  // namespace graft::study
