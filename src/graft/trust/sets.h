// Sets of classes that contain the true one at a stated coverage: split conformal prediction (Vovk
// et al. 2005), which only requires that new photos are drawn like those used for calibration.
//
// SingleLabel: RAPS (Angelopoulos, Bates, Malik and Jordan 2021) without its random numbers. The score of a class is the
// probability of all classes that are more probable, plus 0.01 for each rank beyond the fifth; a set contains the classes whose
// score is at most the threshold. So the most probable class is always in it, the same photo always gets the same set, and a
// model that is right more often than the requested coverage covers more, with sets of one class. A class with enough photos
// has its own threshold, which covers photos of that class (Mondrian, Vovk 2003); the others share the threshold of all photos.
//
// MultiLabel: conformal risk control (Angelopoulos, Bates, Fisch, Lei and Schuster 2024) of the fraction of a photo's classes that its
// set misses: one threshold of 1 - probability for all classes, by which the sets contain on average `coverage` of a photo's classes.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "graft/eval/scores.h"
#include "graft/trust/record.h"

namespace graft::trust {

struct Sets {
  double coverage;                 // asked for, in (0, 1)
  std::vector<double> thresholds;  // of each class; infinite if there were too few photos to leave it out of any set
  std::vector<bool> own;           // whether the threshold comes from photos of this class only
  Basis on;
  std::size_t photos;
};

/// The smallest number of photos for which a class gets its own threshold: 2 / (1 - coverage), of which 2 are missed. Such a threshold is right
/// on average with any number of photos, but it varies: with 20 photos at 0.9, the coverage of new photos has a standard deviation of 0.06.
std::size_t enough_of_a_class(double coverage);
/// The smallest number of photos for which anything can be left out of a set: the smallest n with ceil((n + 1) coverage) <= n.
std::size_t enough_at_all(double coverage);

/// Error (usage) for a coverage that is not between 0 and 1: 1 would mean every class for every photo.
void check_coverage(double coverage);

/// From photos that the model has not seen, with calibrated probabilities (rows, classes).
Sets calibrate_sets(data::SingleLabel task, const eval::Truth& truth, std::span<const float> probabilities, std::size_t classes, double coverage,
                    Basis on);
Sets calibrate_sets(data::MultiLabel task, const eval::Truth& truth, std::span<const float> probabilities, std::size_t classes, double coverage,
                    Basis on);
Sets calibrate_sets(const eval::Truth& truth, std::span<const float> probabilities, std::size_t classes, double coverage, Basis on);

/// The set of one photo, the most probable class first.
std::vector<int> set_of(data::SingleLabel task, const Sets& sets, std::span<const float> probabilities);
std::vector<int> set_of(data::MultiLabel task, const Sets& sets, std::span<const float> probabilities);

/// Sentences: from how many photos the sets were found, which classes have their own threshold, and where there were too few photos.
std::vector<std::string> to_text(const Sets& sets, std::span<const std::string> classes);

nlohmann::ordered_json to_json(const Sets& sets);
/// Its key "sets". Error (data).
Sets sets_from(const Record& record, std::size_t classes);

}  // namespace graft::trust
