// The written model, run again from disk, must give what training saw.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "graft/artifact/model.h"
#include "graft/data/dataset.h"

namespace graft::fit {

struct Verified {
  artifact::Predictions predictions;
  std::optional<double> in_bf16 = {};  // how far bf16 moves the answers, where that is too far: these are in float32, and so must the model run
};

/// How far rounding may move the logits between two ways to compute them: root mean square of the differences over that of the logits.
double tolerance(engine::Precision precision);

/// Loads `model` as `graft predict` would and runs it on the samples' files. `expected`: logits (samples, classes) of the trained head. A model whose
/// card says bf16 is run in float32, too, where its answers in bf16 differ by more than tolerance(); `begin` is called once or twice.
/// Error (data) when they differ then, as well: the file must not be deployed.
Verified verify(const std::filesystem::path& model, const std::vector<data::Sample>& samples, std::span<const float> expected, int threads,
                const std::function<std::function<void(std::size_t)>()>& begin);

}  // namespace graft::fit
