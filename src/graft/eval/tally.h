// What the numbers of an evaluation are computed from: sums over the photos, in which each photo counts some number of times. If each counts once,
// this is the evaluation; if each counts as often as it was drawn, this is a bootstrap sample. So a number and its interval come from one formula.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "graft/eval/ranking.h"

namespace graft::eval {

struct Truth;

struct ClassTally {
  double support = 0, predicted = 0, right = 0;  // photos that have the class, are said to have it, and both
  double auroc = 0, average_precision = 0;       // NaN: not defined
};

struct Tally {
  double photos = 0, right = 0, in_top = 0;  // right: every answer to it is; in_top: NaN where that is not asked for
  double wrong = 0;                          // single answers, of photos times classes; of MultiLabel
  double log_loss = 0, brier = 0;            // means over the photos
  double ece = 0, adaptive_ece = 0;
  std::vector<ClassTally> classes;
};

/// Answers whose confidence is in (low, high], or 0 where low is.
struct ReliabilityBin {
  double low, high;
  double count, confidence, accuracy;  // means; NaN of an empty one
};

/// In this many bins confidence and accuracy are compared.
inline constexpr int kBins = 15;

/// The answers for photos, prepared once so that they can be summed up many times.
struct Answered {
  struct Photo {
    double log_loss, brier;
    uint32_t wrong;
    bool right, in_top;
  };
  struct Mark {
    uint32_t photo, label;
    bool has, said;
  };
  /// A single answer: for SingleLabel the class of a photo, for MultiLabel whether it has a class.
  struct Said {
    uint32_t photo;
    float confidence;
    uint8_t bin;       // of equal width
    bool right, ties;  // with the one before it, by confidence
  };
  std::vector<Photo> photos;
  std::vector<Mark> marks;        // of each photo the classes that it has or is said to have
  std::vector<Said> said;         // by confidence, the lowest first
  std::vector<Ranking> rankings;  // of each class; none where they are not kept
  std::size_t classes = 0;
  int top = 0;
};

/// `top`: a photo counts as in_top if fewer than this many classes come before its
/// own, equal ones by index; 0: not asked for. Wrong sizes, no row and labels out of
/// range are std::logic_error; Error (data) for a probability that is NaN or infinite.
Answered look_at(const Truth& truth, std::span<const float> probabilities, std::size_t classes, int top);

/// Puts the rankings there.
void rank_classes(const Truth& truth, std::span<const float> probabilities, Answered& answered);

/// All numbers except those from the rankings. counts: of each photo.
Tally sum_up(const Answered& answered, std::span<const uint16_t> counts);

/// For photos that count once each, with the numbers from the rankings, which are made one by one if they do not exist yet.
Tally sum_up(const Answered& answered, const Truth& truth, std::span<const float> probabilities);

/// kBins bins of equal width, for photos that count once each.
std::vector<ReliabilityBin> reliability(const Answered& answered);

}  // namespace graft::eval
