// Which two of the sources are tried as one network.
#include <algorithm>
#include <cmath>

#include "graft/engine/onnx_network.h"
#include "graft/fit/source/mean_of_units.h"
#include "graft/fit/source/sources.h"

namespace graft::fit {
namespace {

bool can_be_joined(const SourceScore& score) {
  return !score.joined && score.within && !score.source.weights && !engine::is_onnx_file(score.source.backbone);
}

/// Log losses of the mean of both heads' probabilities.
std::vector<double> of_both(const SourceScore& a, const SourceScore& b) {
  std::vector<double> losses;
  for (std::size_t i = 0; i < a.held_out.size(); ++i) losses.push_back(-std::log((std::exp(-a.held_out[i]) + std::exp(-b.held_out[i])) / 2));
  return losses;
}

bool together_within(const SourceScore& a, const SourceScore& b, const Limits& limits) {
  return !(limits.seconds && a.seconds + b.seconds > *limits.seconds) && !(limits.bytes && a.bytes + b.bytes > *limits.bytes);
}

}  // namespace

std::optional<SourceName> pair_to_join(const SourceChoice& choice, const PhotosJudged& judged, const Limits& limits) {
  const std::vector<SourceScore>& scores = choice.scores;
  std::optional<SourceName> pair;
  double lowest = INFINITY;
  for (std::size_t i = 0; i < scores.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      if (!can_be_joined(scores[i]) || !can_be_joined(scores[j]) || !together_within(scores[i], scores[j], limits)) continue;
      const double loss = mean_of_units(of_both(scores[i], scores[j]), judged).mean;
      if (!(loss < lowest)) continue;
      lowest = loss;
      const bool in_order = scores[j].log_loss <= scores[i].log_loss;
      pair = {scores[in_order ? j : i].source.backbone + "+" + scores[in_order ? i : j].source.backbone};
    }
  const auto tried = [&](const SourceScore& score) { return pair && score.source.backbone == pair->backbone; };
  return std::ranges::any_of(scores, tried) ? std::nullopt : pair;
}

}  // namespace graft::fit
