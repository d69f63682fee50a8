// Does a finished run still answer as it did, and do all engines that can compute it agree? Photos are decoded from the files on disk and
// run through OpenVINO in float32 and bf16 and through libtorch; the answers are compared with each other and with the recorded ones.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graft/data/dataset.h"
#include "graft/fit/run/verify.h"

namespace graft::study {

/// One engine's answers, compared with those of OpenVINO in float32.
struct Replay {
  std::string name;                           // "OpenVINO, bf16"
  std::optional<fit::Difference> difference;  // none if it could not run
  bool same = true;                           // within its bounds (fit::harmless)
  bool counts = true;                         // for the verdict: bf16 does not count for a model that runs in float32
  std::string why_not = {};                   // why it could not run
};

/// Today's answers compared with predictions.csv, on the photos in it.
struct Recorded {
  std::size_t photos = 0, changed = 0;  // changed: answers that differ, by more than a tenth of probability
  double moved = 0;               // mean over the photos: half the sum of the differences of their probabilities; with several classes, the largest
  engine::Precision precision{};  // in which the model was checked, and runs here if this CPU has it
  bool same = true;
};

struct Replayed {
  std::string model;
  std::size_t photos = 0;
  std::size_t tensors = 0;  // of weights.safetensors, equal in model.onnx; 0 if there is no such file
  std::vector<Replay> replays;
  std::optional<Recorded> recorded;  // none if predictions.csv has none of the photos

  bool same() const;
};

/// Equal values under equal names in model.onnx and the weights.safetensors beside it, whose number is returned; 0 where there is no such file. Error
/// (data) that names the first tensor that differs.
std::size_t check_weights(const std::filesystem::path& model);

/// The validation photos that `run`'s predictions.csv names. Error (data) for those that are gone.
std::vector<data::Sample> recorded_photos(const std::filesystem::path& run);

/// `run`: a run folder or a model.onnx. Errors (data) as artifact::open_session and check_weights, and for photos that cannot be read.
Replayed replay(const std::filesystem::path& run, const std::vector<data::Sample>& samples, int threads,
                const std::function<std::function<void(std::size_t)>(const std::string& what, std::size_t total)>& begin);

nlohmann::ordered_json to_json(const Replayed& replayed);
/// For a terminal.
std::string to_text(const Replayed& replayed);

}  // namespace graft::study
