// Photos to features, once: read from the cache what is there, decode and run the rest.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "graft/data/loader.h"
#include "graft/data/preprocess.h"
#include "graft/engine/engine.h"
#include "graft/engine/precision.h"
#include "graft/graph/graph.h"

namespace graft::engine {

/// A network cut before its head, ready to be compiled.
struct Extractor {
  std::string name;  // of the network, for messages and `graft cache`
  std::string onnx;
  data::Preprocess preprocess;
  std::size_t width;  // features per image
  Hash128 key;        // of network, weights, cut and preprocessing
};

/// `backbone` carries its pretrained weights; its head is left out (graph::features).
Extractor make_extractor(const graph::Graph& backbone, const data::Preprocess& preprocess);

struct ExtractOptions {
  Precision precision = Precision::automatic;
  int threads = 1;
  uint64_t cache_limit = 0;                       // bytes on disk for all cached features; 0: no cache
  std::function<void(std::size_t)> advance = {};  // called with the number of images just finished
};

struct FeatureTable {
  std::size_t width = 0;
  std::vector<float> values;                 // (paths, width) row-major; rows of unreadable images are 0
  std::vector<data::Unreadable> unreadable;  // ascending
  std::size_t cached = 0;                    // rows that came from the cache
  PrecisionChoice precision;
};

/// Results do not depend on the number of decode threads. Throws Interrupted after Ctrl-C; what was done till then is in the cache.
FeatureTable extract_features(const Extractor& extractor, const std::vector<std::filesystem::path>& paths, const ExtractOptions& options);

}  // namespace graft::engine
