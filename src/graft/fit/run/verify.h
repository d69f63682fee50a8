// The written model, run again from disk, must give the same answers as in training.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "graft/artifact/session.h"
#include "graft/data/dataset.h"

namespace graft::fit {

/// How much two sets of answers for the same photos differ.
struct Difference {
  double
      size;  // root mean square of the difference of the logits, divided by that of the logits (by at least 1, because small logits all say "perhaps")
  double
      probabilities;  // mean over the photos: total variation (half the sum of the differences); with several classes per photo, the largest difference
  std::size_t changed;  // answers that are others, by more than a tenth of probability
  std::size_t answers;  // one per photo; with several classes per photo, one per class and photo
};

/// Logits, (photos, classes) each.
Difference difference_of(std::span<const float> logits, std::span<const float> expected, std::size_t classes, const data::Task& task);

/// Whether this is no more than acceptable rounding. In float32: the logits differ by at most 0.1 % of their size.
/// In bf16, where rounding is visible: probabilities move by at most 2 points on average, at most 1 % of the
/// answers change (by the lower end of the 95 % interval), and logits differ by at most a quarter of their size.
bool harmless(const Difference& difference, engine::Precision precision);

/// Whether these cannot be answers of that training, whatever the rounding: not finite, or a quarter of all probability elsewhere.
bool is_broken(const Difference& difference);

/// "probabilities differ by 3.1 points on average, 2 of 40 answers are others"
std::string to_text(const Difference& difference);

struct Verified {
  artifact::Predictions predictions;  // of the written model
  engine::Precision precision;        // in which it runs here
  Difference difference;
  bool same;  // but for rounding
};

/// Loads `model` as `graft predict` would and runs it on the samples' files. `expected`: logits (samples, classes) from training, computed in precision
/// `seen`. `each` sees the samples' photos as they are read. Error (data) if the answers differ although both are in float32: the file must not be deployed.
Verified verify(const std::filesystem::path& model, const std::vector<data::Sample>& samples, std::span<const float> expected, engine::Precision seen,
                int threads, const std::function<void(std::size_t)>& advance, const data::EachImage& each = {});

/// The Error (data) of a file that must not be deployed.
Error wrong_model(const std::filesystem::path& model, const Difference& difference);

}  // namespace graft::fit
