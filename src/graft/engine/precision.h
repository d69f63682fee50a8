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

/// How much of what tells photos apart rounding is, from 0 to 1: root mean square over the features of the deviation of their rounding over their own, which
/// counts at most 1. A head sees features so, each less its mean and by its deviation, so this is what rounding does to the answers of a head that is not known
/// yet; the size of the features says nothing of that, for most of it is the same in all photos. `exact`: (n, width); the same for `rounded`.
double noise_of(std::span<const float> rounded, std::span<const float> exact, std::size_t n);

/// Most of it with which bf16 is taken. What the head then answers is looked at when the model is written (fit::verify).
inline constexpr double kMostNoise = 0.25;

/// bf16 when the CPU has it natively, it is at least 1.2x as fast per row and noise_of() its outputs is at most kMostNoise; else float32, as of less than four
/// rows. `rows` are up to a batch of preprocessed photos, (n, H, W, 3). What was measured is kept in cache_folder()/precision, so a second run with other
/// noise of the clock decides the same. `options.precision` is ignored.
ChosenEngine choose_precision(const std::string& onnx, const std::string& name, const Hash128& key, const data::Preprocess& preprocess,
                              const EngineOptions& options, std::span<const uint8_t> rows, std::size_t n);

}  // namespace graft::engine
