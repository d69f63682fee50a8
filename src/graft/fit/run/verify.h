// The written model, run again from disk, must give what training saw.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "graft/artifact/session.h"
#include "graft/data/dataset.h"

namespace graft::fit {

/// How far two answers to the same photos are from each other.
struct Difference {
  double size;  // root mean square of that of the logits, over that of the logits; below 1 these count as 1, for then all of them say "perhaps"
  double
      probabilities;    // mean over the photos: total variation (half the sum of the differences); of several classes a photo, the largest difference
  std::size_t changed;  // answers that are others, by more than a tenth of probability
  std::size_t answers;  // of photos; of several classes a photo, of each class of each photo
};

/// Logits, (photos, classes) each.
Difference difference_of(std::span<const float> logits, std::span<const float> expected, std::size_t classes, const data::Task& task);

/// Whether that is no more than rounding. Of float32 it is when the logits differ by at most 0.1 % of their size. Of bf16, whose rounding is seen, it is when
/// nobody would mind it: probabilities move by at most 2 points on average, at most 1 % of the answers are others (as far as so many photos can tell: the
/// lower end of the 95 % interval), and logits differ by at most a quarter of their size.
bool harmless(const Difference& difference, engine::Precision precision);

/// Whether these can be no answers of that training at all, whatever the rounding: not finite, or a quarter of all probability elsewhere.
bool is_broken(const Difference& difference);

/// "probabilities differ by 3.1 points on average, 2 of 40 answers are others"
std::string to_text(const Difference& difference);

struct Verified {
  artifact::Predictions predictions;  // of the written model
  engine::Precision precision;        // in which it runs here
  Difference difference;
  bool same;  // but for rounding
};

/// Loads `model` as `graft predict` would and runs it on the samples' files. `expected`: logits (samples, classes) as training saw them, computed in `seen`.
/// `each` sees the samples' photos on their way. Error (data) when the answers differ although both are in float32: the file must not be deployed.
Verified verify(const std::filesystem::path& model, const std::vector<data::Sample>& samples, std::span<const float> expected, engine::Precision seen,
                int threads, const std::function<void(std::size_t)>& advance, const data::EachImage& each = {});

/// The Error (data) of a file that must not be deployed.
Error wrong_model(const std::filesystem::path& model, const Difference& difference);

}  // namespace graft::fit
