#include "graft/train/loop/soup.h"

#include <algorithm>
#include <utility>

#include "graft/train/loop/averages.h"
#include "graft/train/loop/judge.h"

namespace graft::train {
namespace {

bool no_worse(const Validation& now, const Validation& before, const TrainConfig& config) {
  const auto cost = [&](const Validation& v) { return cost_of(config, v.loss, v.accuracy, v.scores); };
  return cost(now) <= cost(before);
}

}  // namespace

std::vector<int> GoodEpochs::wanted(std::span<const EpochRecord> history) const {
  return best_epochs(history, config_, static_cast<std::size_t>(config_.soup));
}

bool GoodEpochs::ends(std::span<const EpochRecord> history) {
  const std::vector<int> good = wanted(history);
  std::erase_if(weights_, [&](const auto& kept) { return std::ranges::find(good, kept.first) == good.end(); });
  return std::ranges::find(good, history.back().epoch) != good.end();
}

std::vector<const Weights*> GoodEpochs::best_first(std::span<const EpochRecord> history) const {
  std::vector<const Weights*> list;
  for (const int epoch : wanted(history)) list.push_back(&weights_.at(epoch));
  return list;
}

std::string epoch_name(int epoch) { return "epoch" + std::to_string(epoch); }

Soup greedy_soup(std::span<const Weights* const> best_first, const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config,
                 const std::function<Validation(const Weights&)>& validate) {
  Soup soup{*best_first.front(), validate(*best_first.front())};
  for (const Weights* more : best_first.subspan(1)) {
    Weights mean = copies(graph, plan, soup.weights);
    for (std::size_t p = 0; p < mean.size(); ++p)
      if (may_move(graph, plan, p)) mean[p].lerp_((*more)[p], 1.0 / (soup.ingredients + 1));
    Validation validation = validate(mean);
    if (!no_worse(validation, soup.validation, config)) continue;
    soup = {std::move(mean), std::move(validation), soup.ingredients + 1};
  }
  return soup;
}

}  // namespace graft::train
