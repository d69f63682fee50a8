// A part of a network on the CPU: from values inside of it to its answer, where Engine begins at a picture's bytes.
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
  /// From the bytes of an ONNX model with one input, float32 (N, ...). Of `options`: precision, not automatic, threads and batch. Error (data) named
  /// `name` as Engine's.
  PartEngine(const std::string& onnx, const std::string& name, const EngineOptions& options);
  ~PartEngine();
  PartEngine(const PartEngine&) = delete;
  PartEngine& operator=(const PartEngine&) = delete;

  std::size_t batch() const;
  std::size_t width_in() const;   // numbers of a row that go in
  std::size_t width_out() const;  // and come out

  /// At most batch() rows; the rest of the batch is zeros. in: (n, width_in), out: (n, width_out).
  void run(std::span<const float> in, std::size_t n, std::span<float> out);

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace graft::engine
