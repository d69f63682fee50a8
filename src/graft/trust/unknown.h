// "I don't know": the answer for a photo that is stranger to a model than nearly all photos of its classes.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/data/task.h"
#include "graft/trust/known.h"
#include "graft/trust/record.h"

namespace graft::trust {

/// Scores; higher means stranger.
enum class Strangeness {
  energy,       // -log sum exp of the logits (Liu et al. 2020)
  max_logit,    // minus the largest one (Hendrycks et al. 2022)
  mahalanobis,  // distance to the nearest class's cloud of features (Lee et al. 2018)
  neighbours,   // distance to the nearest training photos (Sun et al. 2022)
  combined,     // energy plus Mahalanobis distance, each in standard deviations of known photos
};
std::string_view to_string(Strangeness score);  // "energy", "max-logit", "mahalanobis", "neighbours", "combined"
/// Whether its values change when all logits are divided by one number.
bool looks_at_logits(Strangeness score);
/// "distance to the nearest training photos (k-nearest neighbours)" and so on.
std::string_view in_words(Strangeness score);

struct Scale {
  double mean = 0, deviation = 1;
};
/// Of at least one value; a deviation of nothing counts as 1.
Scale scale_of(std::span<const double> values);

/// What a score is computed by; members that it does not need are empty.
struct Gauge {
  Strangeness score = Strangeness::neighbours;
  Clouds clouds = {};
  Neighbours neighbours = {};
  Scale energy = {}, distance = {};  // of known photos, for `combined`

  /// How many of the features it looks at; 0: the logits suffice.
  std::size_t width() const { return clouds.width > 0 ? clouds.width : neighbours.width; }
};

/// Of one photo. `features`: what the last layer reads, where the gauge looks at any. Error (data) where these are fewer than it looks at.
double strangeness(const Gauge& gauge, std::span<const float> logits, std::span<const float> features);

struct Unknown {
  Gauge gauge;
  double reject;     // part of the photos of known classes that may be called unknown, in (0, 1)
  double threshold;  // a photo whose score is above it is unknown
  Basis on;
  std::size_t photos;                    // that the threshold was found on
  std::vector<double> percentiles;       // of their scores: the lowest, 1 %, ... and the highest, ascending
  std::optional<double> left_out_auroc;  // of the score for a class that was left out, in the mean; where that was tried
};

/// The part that auto takes: 1 %, where there are photos enough for that, else 5 %; nothing where there are too few for that, too.
std::optional<double> usual_reject(std::size_t photos);
/// The fewest photos that a threshold can be found on: of n photos in any order, the next one is above the highest with probability 1 / (n + 1).
std::size_t enough_to_reject(double reject);

/// By photos that the network was not trained on: logits (photos, classes), features (photos, any width). The threshold is the smallest score of theirs by
/// which the next photo of their kind is above it with probability at most `reject` (split conformal prediction, Vovk et al. 2005). They must be enough for
/// that, else std::logic_error.
Unknown find_threshold(Gauge gauge, std::span<const float> logits, std::span<const float> features, std::size_t photos, double reject, Basis on);
/// The same rule with a threshold by other photos, or by other answers to the same.
Unknown find_threshold(Unknown rule, std::span<const float> logits, std::span<const float> features, std::size_t photos, Basis on);

/// What is said of one photo.
struct Stranger {
  bool unknown;
  double score;
  double above;  // the part of the photos that the threshold was found on whose scores are lower, in whole percents
};
Stranger judge(const Unknown& unknown, std::span<const float> logits, std::span<const float> features);
/// "farther from the training photos than 99 % of photos of these classes"
std::string why(const Unknown& unknown, const Stranger& stranger);

nlohmann::ordered_json to_json(const Unknown& unknown);
/// Its key "unknown". Error (data).
Unknown unknown_from(const Record& record);

}  // namespace graft::trust
