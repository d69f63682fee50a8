// Runs a network on the CPU with OpenVINO. Step 5 of a photo's journey (ARCHITECTURE.md): pixels in, logits or features out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "graft/data/preprocess.h"

namespace graft::engine {

enum class Precision { automatic, float32, bf16 };
const char* to_string(Precision precision);

/// Whether OpenVINO multiplies bf16 natively here: this CPU can, and nothing forbids it (base/isa.h). Elsewhere bf16 is emulated and slow, or missing.
bool has_native_bf16();

struct EngineOptions {
  Precision precision = Precision::float32;  // not automatic: choose_precision resolves that (precision.h)
  int threads = 1;
  int batch = 16;             // rows the compiled network takes at once
  int requests = 1;           // batches that may be computed at once, each on its share of the threads
  std::string features = {};  // a value of the ONNX graph to give in addition to the output; empty: none
};

/// The rows of one caller within a batch.
struct Part {
  std::span<const uint8_t> rows;  // (n, H, W, 3), or (n, H, W, 1) where grey, 8-bit pixels as Preprocess makes them
  std::size_t n = 0;
  std::span<float> out;            // (n, width)
  std::span<float> features = {};  // (n, feature_width), or empty
};

/// A compiled network that uses `threads` threads. Different threads may run different requests
/// at once; a single request, and therefore run() of whole tables, is for one thread at a time.
class Engine {
 public:
  /// From the bytes of an ONNX model with one input (N, 3, H, W), or (N, 1, H, W) where grey; `preprocess` gives the picture's size and the normalisation, which is compiled in.
  /// Error (data) named `name` when OpenVINO cannot read or compile it, or has no bf16 here (it needs AVX-512).
  Engine(const std::string& onnx, const std::string& name, const data::Preprocess& preprocess, const EngineOptions& options);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  std::size_t width() const;          // numbers per photo in the output
  std::size_t feature_width() const;  // numbers per photo in `features`; 0 without it
  int batch() const;

  /// At most batch() rows, of several callers; the rest of the batch is blank. A row's answer does
  /// not depend on the other rows or on its position. `request`: below EngineOptions::requests.
  void run(std::size_t request, std::span<const Part> parts);

  /// Any n, batch by batch, in the first request. rows and out as in Part.
  void run(std::span<const uint8_t> rows, std::size_t n, std::span<float> out);

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace graft::engine
