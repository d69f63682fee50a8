#include "graft/trust/unknown.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "graft/base/error.h"

namespace graft::trust {
namespace {

double energy(std::span<const float> logits) {
  const double largest = *std::ranges::max_element(logits);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - largest);
  return -largest - std::log(sum);
}

double scaled(const Scale& scale, double value) { return (value - scale.mean) / scale.deviation; }

std::vector<float> unit(const Gauge& gauge, std::span<const float> features) {
  if (features.size() < gauge.width())
    throw data_error("unknown",
                     fmt::format("the model's rule for unknown photos reads {} features, and its last layer {}", gauge.width(), features.size()),
                     "use a model.onnx made by `graft fit`");
  const std::size_t first = 0;
  return unit_rows({features, 1, features.size()}, std::span(&first, 1), gauge.width());
}

}  // namespace

Scale scale_of(std::span<const double> values) {
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(values.size()));
  return {mean, deviation > 1e-9 ? deviation : 1};
}

std::string_view to_string(Strangeness score) {
  switch (score) {
    case Strangeness::energy: return "energy";
    case Strangeness::max_logit: return "max-logit";
    case Strangeness::mahalanobis: return "mahalanobis";
    case Strangeness::neighbours: return "neighbours";
    case Strangeness::combined: return "combined";
  }
  throw std::logic_error("no such score");
}

bool looks_at_logits(Strangeness score) { return score != Strangeness::mahalanobis && score != Strangeness::neighbours; }

std::string_view in_words(Strangeness score) {
  switch (score) {
    case Strangeness::energy: return "energy of the logits";
    case Strangeness::max_logit: return "largest logit";
    case Strangeness::mahalanobis: return "Mahalanobis distance of the features";
    case Strangeness::neighbours: return "distance to the nearest training photos";
    case Strangeness::combined: return "energy and Mahalanobis distance together";
  }
  throw std::logic_error("no such score");
}

double strangeness(const Gauge& gauge, std::span<const float> logits, std::span<const float> features) {
  switch (gauge.score) {
    case Strangeness::energy: return energy(logits);
    case Strangeness::max_logit: return -static_cast<double>(*std::ranges::max_element(logits));
    case Strangeness::mahalanobis: return distance(gauge.clouds, unit(gauge, features));
    case Strangeness::neighbours: return distance(gauge.neighbours, unit(gauge, features));
    case Strangeness::combined:
      return scaled(gauge.energy, energy(logits)) + scaled(gauge.distance, std::sqrt(distance(gauge.clouds, unit(gauge, features))));
  }
  throw std::logic_error("no such score");
}

std::size_t enough_to_reject(double reject) {
  std::size_t n = static_cast<std::size_t>(std::max(0.0, std::floor(1 / reject) - 2));
  while (std::ceil(static_cast<double>(n + 1) * (1 - reject) - 1e-9) > static_cast<double>(n)) ++n;
  return n;
}

std::optional<double> usual_reject(std::size_t photos) {
  for (const double reject : {0.01, 0.05})
    if (photos >= enough_to_reject(reject)) return reject;
  return std::nullopt;
}

Unknown find_threshold(Gauge gauge, std::span<const float> logits, std::span<const float> features, std::size_t photos, double reject, Basis on) {
  if (photos < enough_to_reject(reject)) throw std::logic_error("too few photos for a threshold");
  const std::size_t classes = logits.size() / photos, width = features.size() / photos;
  const auto scores_of = [&](Strangeness score) {
    const Strangeness asked = std::exchange(gauge.score, score);
    std::vector<double> scores;
    for (std::size_t i = 0; i < photos; ++i)
      scores.push_back(strangeness(gauge, logits.subspan(i * classes, classes), features.subspan(i * width, width)));
    gauge.score = asked;
    return scores;
  };
  if (gauge.score == Strangeness::combined) {
    gauge.energy = scale_of(scores_of(Strangeness::energy));
    std::vector<double> distances = scores_of(Strangeness::mahalanobis);
    for (double& value : distances) value = std::sqrt(value);
    gauge.distance = scale_of(distances);
  }
  std::vector<double> scores = scores_of(gauge.score);
  std::ranges::sort(scores);
  const auto place = static_cast<std::size_t>(std::ceil(static_cast<double>(photos + 1) * (1 - reject) - 1e-9));
  Unknown unknown{.gauge = std::move(gauge), .reject = reject, .threshold = scores[std::max<std::size_t>(place, 1) - 1], .on = on, .photos = photos};
  for (std::size_t percent = 0; percent <= 100; ++percent) unknown.percentiles.push_back(scores[percent * (photos - 1) / 100]);
  return unknown;
}

Unknown find_threshold(Unknown rule, std::span<const float> logits, std::span<const float> features, std::size_t photos, Basis on) {
  Unknown again = find_threshold(std::move(rule.gauge), logits, features, photos, rule.reject, on);
  again.left_out_auroc = rule.left_out_auroc;
  return again;
}

Stranger judge(const Unknown& unknown, std::span<const float> logits, std::span<const float> features) {
  const double score = strangeness(unknown.gauge, logits, features);
  const auto below = std::ranges::lower_bound(unknown.percentiles, score) - unknown.percentiles.begin();
  const double percents = static_cast<double>(std::clamp<std::ptrdiff_t>(below - (below <= 100 ? 1 : 0), 0, 100));
  return {score > unknown.threshold, score, percents / 100};
}

std::string why(const Unknown& unknown, const Stranger& stranger) {
  const auto than = [&](std::string_view what) {
    return stranger.above >= 1 ? fmt::format("{} than any of {} photos of these classes", what, unknown.photos)
                               : fmt::format("{} than {:.0f} % of {} photos of these classes", what, 100 * stranger.above, unknown.photos);
  };
  switch (unknown.gauge.score) {
    case Strangeness::energy: return than("less like any class (energy)");
    case Strangeness::max_logit: return than("less like any class (largest logit)");
    case Strangeness::mahalanobis: return than("farther from what the classes look like");
    case Strangeness::neighbours: return than("farther from the training photos");
    case Strangeness::combined: return than("less like any class, and farther from what they look like,");
  }
  throw std::logic_error("no such score");
}

}  // namespace graft::trust
