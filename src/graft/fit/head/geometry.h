// Which part of a photo the network sees, chosen by evidence: the whole square or the
// center crop that it was trained with; and which mirror images still show the same class.
#pragma once

#include <optional>
#include <vector>

#include "graft/fit/job/state.h"

namespace graft::fit {

/// The cross-validation result of a head, for one way of preparing the photos.
struct Looked {
  head::L2Choice l2;                         // without folds where there are too few photos
  std::vector<std::size_t> unreadable = {};  // of the photos, ascending
  std::size_t computed = 0;                  // photos whose features were not in the cache

  std::optional<double> log_loss() const;  // at the best penalty; nothing without folds
};
/// For photos preprocessed in this way for the job's network, with the head's input as in the options, or every stage's averages if they leave it open.
Looked look_at(Job& job, const data::Preprocess& preprocess, const std::vector<data::Sample>& photos);

/// Training photos on which two ways of preparing them are compared: at most 400, the same each time.
std::vector<data::Sample> compared_photos(const Job& job);

/// If the network was trained on a square cut out of a larger one: compares that with the whole square, by the cross-validated
/// log loss of a head on at most 400 training photos, and chooses --resize. The whole square is taken if it lowers the log
/// loss by at least 1 %. Does nothing if --resize is given, if the strategy `head` or `scratch` was named, or with too few
/// photos for cross-validation. Returns the number of photos whose features, needed next, it has put into the cache.
std::size_t choose_geometry(Job& job);

/// Whether photos may be mirrored, left to right and upside down: they may if a head solved on half of (at most 400) training photos classifies
/// the mirrored other half as well as the original. Chooses --flip and --vertical-flip for training by gradient steps, unless they or --augment
/// are given, photos can have any number of classes, or the head is hardly better than the most frequent class. `start`: which photos can be read.
void choose_flips(Job& job, const Start& start);

/// How well a head classifies photos as they are and mirrored.
struct InTheMirror {
  std::size_t photos;
  double as_is, mirrored;  // accuracy
  double p;                // of a difference as large by chance (McNemar's exact test)

  /// Nothing speaks against mirroring; used where mirroring is not the default.
  bool keeps() const { return as_is - mirrored < 0.02 && p > 0.05; }
  /// Mirrored photos clearly look like another class; used where mirroring is the default.
  bool changes() const { return as_is - mirrored > 0.02 && p < 0.01; }
};

}  // namespace graft::fit
