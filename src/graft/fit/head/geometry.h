// What of a photo the network sees, from evidence: all of the square or the cut that it was trained with, and which mirror images are still photos of the
// same class.
#pragma once

#include <optional>
#include <vector>

#include "graft/fit/job/state.h"

namespace graft::fit {

/// What cross-validation says of a head on photos as the network sees them.
struct Looked {
  head::L2Choice l2;                         // without folds where there are too few photos
  std::vector<std::size_t> unreadable = {};  // of the photos, ascending
  std::size_t computed = 0;                  // photos whose features were not in the cache

  std::optional<double> log_loss() const;  // at the best penalty; nothing without folds
};
/// Of photos preprocessed in this way for the job's network, with the head's input as the options have it; every stage's averages where they leave it open.
Looked look_at(Job& job, const data::Preprocess& preprocess, const std::vector<data::Sample>& photos);

/// Training photos on which two ways to see them are compared: at most 400, the same each time.
std::vector<data::Sample> compared_photos(const Job& job);

/// Where the network was trained on a square cut out of a larger one: compares that with the whole square, by the cross-validated log loss of a head on at
/// most 400 training photos, and chooses --resize. The whole square is taken when it lowers the log loss by at least 1 %. Does nothing where --resize is
/// given, for a strategy that was named `head` or `scratch`, and with too few photos for cross-validation.
/// Returns of how many photos it computed the features that are wanted next, and that the cache now has.
std::size_t choose_geometry(Job& job);

/// Whether mirror images, left to right and upside down, may stand for the photos they are of: they may where a head that was solved on half of (at most
/// 400) training photos names the other half as well in the mirror as it is. Chooses --flip and --vertical-flip for a training by steps, unless they or
/// --augment are given, each photo has any number of classes, or the head is hardly better than the most frequent class. `start`: which photos can be read.
void choose_flips(Job& job, const Start& start);

/// How a head names photos as they are and in the mirror.
struct InTheMirror {
  std::size_t photos;
  double as_is, mirrored;  // accuracy
  double p;                // of a difference as large by chance (McNemar's exact test)

  /// Nothing speaks against it: for what is not done unless there is reason to.
  bool keeps() const { return as_is - mirrored < 0.02 && p > 0.05; }
  /// Beyond doubt another thing: for what is usual.
  bool changes() const { return as_is - mirrored > 0.02 && p < 0.01; }
};

}  // namespace graft::fit
