// Whether maps mean anything: compared with maps that know nothing of the photo, and with those of the same network with shuffled weights.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graft/eval/intervals.h"
#include "graft/explain/explainer.h"
#include "graft/explain/network.h"
#include "graft/explain/pixel_areas.h"

namespace graft::explain {

struct CheckOptions {
  uint64_t seed = 0;
  int steps = 16;        // steps in which the pixels of a photo are changed
  int resamples = 2000;  // of the photos, for the intervals
};

/// With fewer photos, the interval of a mean says little, and no check is made.
inline constexpr std::size_t kFewestChecked = 10;
/// Error (data) for fewer.
void refuse_few(std::size_t photos);

/// By how much (of a probability) maps must beat others on average: a smaller lead does not matter, however certain it is.
inline constexpr double kLeastMore = 0.01;

/// A mean over the photos, with its 95 % interval by the bootstrap.
struct OverPhotos {
  double mean = 0;
  eval::Interval interval = {};
};

/// How much of the maps survives when some weights are shuffled: the rank correlation with the maps before, photo by photo.
struct Forgotten {
  std::string what;  // shuffled
  OverPhotos correlation;
};
/// If the rank correlation after shuffling all layers is above this, the maps show the picture and not what was learned.
inline constexpr double kSameMap = 0.5;

struct MapCheck {
  Method method = Method::automatic;  // which was taken
  std::size_t photos = 0;
  CheckOptions options;
  OverPhotos insertion, deletion;         // of the maps, as PixelAreas
  OverPhotos maps, centre, random;        // insertion less deletion
  OverPhotos over_centre, over_random;    // by how much the maps are better, photo by photo
  std::vector<Forgotten> forgotten = {};  // from the last layer to all; none where the network's weights cannot be shuffled
  std::string why_not_forgotten = {};     // then

  static bool is_more(const OverPhotos& x) { return x.interval.low > 0 && x.mean >= kLeastMore; }
  bool more_than_centre() const { return is_more(over_centre); }
  bool more_than_random() const { return is_more(over_random); }
  /// Whether the maps depend on what was learned; true if that could not be tested.
  bool learned() const { return forgotten.empty() || forgotten.back().correlation.interval.low <= kSameMap; }
  bool reliable() const { return more_than_centre() && more_than_random() && learned(); }
};

/// What the check says, in sentences.
std::vector<std::string> verdict_of(const MapCheck& check);

/// Checks any number of photos, batch by batch, in one thread. Each photo's map is that of its most probable class.
class MapChecker {
 public:
  /// Errors as open_explainer.
  MapChecker(const Network& network, const ExplainOptions& explain, const CheckOptions& options);
  ~MapChecker();

  const artifact::ModelCard& card() const;
  /// rows: (n, H, W, C) bytes as Preprocess makes them.
  void add(std::span<const uint8_t> rows, std::size_t n);
  /// Error (data) for fewer than kFewestChecked photos.
  MapCheck finish() const;

 private:
  struct Asked;
  std::unique_ptr<Asked> asked_;
};

}  // namespace graft::explain
