// Part of a network on the CPU, from values inside it to its answer (Engine begins at a picture's bytes).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "graft/engine/engine.h"

namespace graft::engine {

/// A compiled part, for one thread at a time.
class PartEngine {
 public:
  /// From the bytes of an ONNX model with one input, float32 (N, ...). Of `options` it uses
  /// precision (not automatic), threads and batch. Error (data) named `name` as for Engine.
  PartEngine(const std::string& onnx, const std::string& name, const EngineOptions& options);
  ~PartEngine();
  PartEngine(const PartEngine&) = delete;
  PartEngine& operator=(const PartEngine&) = delete;

  std::size_t batch() const;
  std::size_t width_in() const;   // numbers per row of the input
  std::size_t width_out() const;  // and of the output

  /// At most batch() rows; the rest of the batch is zeros. in: (n, width_in), out: (n, width_out).
  void run(std::span<const float> in, std::size_t n, std::span<float> out);

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace graft::engine
