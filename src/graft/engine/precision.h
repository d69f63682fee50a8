// float32 or bf16: measured on this machine with this network, then remembered.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "graft/base/hash.h"
#include "graft/data/preprocess.h"
#include "graft/engine/engine.h"

namespace graft::engine {

struct PrecisionChoice {
  Precision precision;
  std::string reason;  // "bf16 is 2.61x as fast as float32 here, its rounding is 4.8 % of what tells photos apart"
};

/// The answer an earlier run found for this CPU, thread count and network.
std::optional<PrecisionChoice> remembered_precision(const Hash128& key, int threads);

/// An engine in the precision chosen, compiled for `options.batch`.
struct ChosenEngine {
  PrecisionChoice choice;
  Engine engine;
};

/// How large rounding errors are compared with the differences between photos, 0 to 1: the root mean square, over the features, of the standard deviation of
/// the rounding error divided by that of the feature, at most 1 each. A head sees features in this way, standardized, so this tells how much rounding
/// disturbs a head that is not known yet. The size of the features does not tell, because most of it is the same in all photos. `exact`: (n, width); the same
/// for `rounded`.
double noise_of(std::span<const float> rounded, std::span<const float> exact, std::size_t n);

/// The largest noise with which bf16 is used. The answers of the head are checked when the model is written (fit::verify).
inline constexpr double kMostNoise = 0.25;

/// bf16 if the CPU has it natively, it is at least 1.2x as fast per row, and noise_of() its outputs is at most kMostNoise; otherwise
/// float32, and always with fewer than four rows. `rows`: up to a batch of preprocessed photos, (n, H, W, 3). The measurement is
/// kept in cache_folder()/precision, so a second run decides the same although the clock is noisy. `options.precision` is ignored.
ChosenEngine choose_precision(const std::string& onnx, const std::string& name, const Hash128& key, const data::Preprocess& preprocess,
                              const EngineOptions& options, std::span<const uint8_t> rows, std::size_t n);

}  // namespace graft::engine
