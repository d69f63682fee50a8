// From photos to features: read from the cache what is there; decode and run the rest.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/data/loader.h"
#include "graft/data/preprocess.h"
#include "graft/engine/engine.h"
#include "graft/engine/precision.h"
#include "graft/graph/graph.h"

namespace graft::engine {

/// Pictures (n, H, W, C) as Preprocess makes them, each mirrored left to right, into `out`.
void mirror_rows(const data::Preprocess& preprocess, std::span<const uint8_t> rows, std::vector<uint8_t>& out);

/// What an earlier run found for the features of this network, whichever precision it chose.
std::optional<PrecisionChoice> remembered_precision(const graph::Graph& backbone, const data::Preprocess& preprocess, int threads);

struct ExtractOptions {
  Precision precision = Precision::automatic;
  int threads = 1;
  uint64_t cache_limit = 0;  // bytes on disk for all cached features; 0: no cache
  bool every_stage = true;   // also give every stage's average, after the last features
  int batch = 16;            // photos the network takes at once; larger batches gain nothing on 2 cores and start later
};

struct FeatureTable {
  std::size_t width = 0;                     // of a row: the features of the photo, with `mirror` followed by those of its mirror image
  std::vector<float> values;                 // (paths, width) row-major; rows of unreadable images are 0
  std::vector<data::Unreadable> unreadable;  // ascending
  std::size_t cached = 0;                    // rows that came from the cache
  std::vector<Hash128> hashes;               // of each photo's bytes; 0 of unreadable images
};

/// A network cut before its head. It is compiled only when a photo is not in the cache, and while photos are being decoded.
class FeatureExtractor {
 public:
  /// `backbone` carries its pretrained weights; its head is left out (graph::features).
  FeatureExtractor(const graph::Graph& backbone, data::Preprocess preprocess, const ExtractOptions& options);

  std::size_t width() const { return width_; }            // features per view: the last ones, then perhaps every stage's
  std::size_t last_width() const { return last_width_; }  // of them the last ones
  /// As chosen or asked for; automatic (and no reason) before the first photo.
  PrecisionChoice precision() const;

  /// Results do not depend on the number of decoding threads. `advance` is called with the number of
  /// photos just finished. Throws Interrupted after Ctrl-C; what was done until then is in the cache.
  FeatureTable extract(const std::vector<std::filesystem::path>& paths, bool mirror, const std::function<void(std::size_t)>& advance = {});

  /// Frees the compiled network's memory, some 100 MB; a later extract() compiles it again.
  void release() { engine_.reset(); }

 private:
  void prepare(std::span<const uint8_t> rows, std::size_t n);

  graph::Graph network_;  // without its head
  data::Preprocess preprocess_;
  ExtractOptions options_;
  std::size_t width_, last_width_;
  Hash128 key_;  // of network, weights, cut and preprocessing
  std::optional<PrecisionChoice> choice_;
  std::optional<Engine> engine_;
};

}  // namespace graft::engine
