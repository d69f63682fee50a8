// Features of photos from a frozen network, in float32: with so few photos speed does not matter, and a model's answers then do not depend on the CPU.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "graft/base/hash.h"
#include "graft/data/dataset.h"
#include "graft/engine/features.h"
#include "graft/fit/job/listener.h"
#include "graft/search/embed.h"
#include "graft/search/network.h"

namespace graft::shots {

/// Called with the number of photos just finished.
using Advance = std::function<void(std::size_t)>;

/// How a command reports on its work.
using fit::Listener;

/// The photos that can be read.
struct Seen {
  std::vector<std::size_t> photos;  // their indices, ascending
  std::vector<float> values;        // (photos, width)
  std::vector<Hash128> hashes;      // of their files
  std::size_t width = 0;
};

/// `data`: where the photos are from, for messages. Error (data) for photos that cannot be read, unless they may be skipped and others are left.
Seen see(engine::FeatureExtractor& extractor, const std::vector<std::filesystem::path>& photos, const std::filesystem::path& data,
         bool skip_unreadable, const Listener& listener);

engine::FeatureExtractor extractor_of(const graph::Graph& graph, const data::Preprocess& preprocess, int threads, double cache_limit,
                                      std::size_t photos);

/// All photos that PATH labels with one class each, its parts together, by class and path; each photo's `label` is an index into the classes. Errors as data::open_parts; of several classes a
/// photo.
data::Dataset all_of(const std::filesystem::path& path, const data::SourceOptions& source, const Listener& listener);

}  // namespace graft::shots
