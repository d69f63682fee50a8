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
  std::string reason;  // "bf16 is 2.6x as fast as float32 here, its outputs differ by 0.8 %"
};

/// The answer an earlier run found for this CPU, thread count and network.
std::optional<PrecisionChoice> remembered_precision(const Hash128& key, int threads);

/// An engine in the precision chosen, compiled for `options.batch`.
struct ChosenEngine {
  PrecisionChoice choice;
  Engine engine;
};

/// bf16 when the CPU has it natively, it is at least 1.2x as fast per row and its outputs differ by at most 15 % (relative L2 norm); else float32.
/// `rows` are up to a batch of preprocessed photos, (n, H, W, 3); float32 is tried on the first few. The answer is kept in
/// cache_folder()/precision, so a second run with other noise decides the same. `options.precision` is ignored.
ChosenEngine choose_precision(const std::string& onnx, const std::string& name, const Hash128& key, const data::Preprocess& preprocess,
                              const EngineOptions& options, std::span<const uint8_t> rows, std::size_t n);

}  // namespace graft::engine
