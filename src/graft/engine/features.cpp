#include "graft/engine/features.h"

#include <algorithm>
#include <optional>

#include "graft/base/error.h"
#include "graft/engine/feature_cache.h"
#include "graft/graph/walks.h"
#include "graft/onnx/write.h"

namespace graft::engine {
namespace {

constexpr int kBatch = 16;  // the sketch of several sizes: larger ones gain nothing on 2 cores and wait longer for the first photos
constexpr int kAhead = 12;  // batches decoded while the network still compiles
constexpr std::size_t kTrialRows = 4;

/// The state of one extraction: the precision and with it the cache and the engine are known only once the first photos are there.
class Extraction {
 public:
  Extraction(const Extractor& extractor, const ExtractOptions& options, std::size_t images) : extractor_(extractor), options_(options) {
    table_.width = extractor.width;
    table_.values.resize(images * extractor.width);
    if (options.precision != Precision::automatic) decide({options.precision, "as asked"});
    else if (auto known = remembered_precision(extractor.key, options.threads)) decide(*known);
  }

  /// Thread-safe. Before the precision is known nothing can be skipped.
  bool skip(const Hash128& image) const { return cache_ && !cache_->find(image).empty(); }

  void take(const data::Loader::Batch& batch) {
    const std::size_t rows = batch.indices.size();
    if (!decided_)
      decide(choose_precision(extractor_.onnx, extractor_.name, extractor_.key, extractor_.preprocess, options_.threads, batch.pixels,
                              std::min(rows, kTrialRows)));
    if (!engine_)
      engine_.emplace(extractor_.onnx, extractor_.name, extractor_.preprocess, EngineOptions{table_.precision.precision, options_.threads, kBatch});
    out_.resize(rows * extractor_.width);
    engine_->run(batch.pixels, rows, out_);
    for (std::size_t i = 0; i < rows; ++i) {
      const auto from = std::span(out_).subspan(i * extractor_.width, extractor_.width);
      std::ranges::copy(from, row(batch.indices[i]).begin());
      cache_->add(batch.hashes[i], from);
    }
  }

  FeatureTable finish(const data::Loader& loader) {
    for (const data::Skipped& s : loader.skipped()) std::ranges::copy(cache_->find(s.hash), row(s.index).begin());
    if (cache_) cache_->flush();
    table_.cached = loader.skipped().size();
    table_.unreadable = loader.unreadable();
    return std::move(table_);
  }

 private:
  std::span<float> row(std::size_t i) { return std::span(table_.values).subspan(i * extractor_.width, extractor_.width); }

  void decide(PrecisionChoice choice) {
    decided_ = true;
    const Hash128 key = Hasher().add(extractor_.key.hex()).add(to_string(choice.precision)).finish();
    cache_.emplace(features_folder(), key, extractor_.name + ", " + to_string(choice.precision), extractor_.width, options_.cache_limit);
    table_.precision = std::move(choice);
  }

  const Extractor& extractor_;
  const ExtractOptions& options_;
  FeatureTable table_;
  bool decided_ = false;
  std::optional<FeatureCache> cache_;
  std::optional<Engine> engine_;
  std::vector<float> out_;
};

}  // namespace

Extractor make_extractor(const graph::Graph& backbone, const data::Preprocess& preprocess) {
  const graph::Graph prefix = graph::features(backbone);
  Extractor extractor{prefix.name, onnx::write(prefix, {}, "features"), preprocess, static_cast<std::size_t>(prefix.output_dims()[0]), {}};
  extractor.key = Hasher().add(extractor.onnx).add(data::to_json(preprocess).dump()).finish();
  return extractor;
}

FeatureTable extract_features(const Extractor& extractor, const std::vector<std::filesystem::path>& paths, const ExtractOptions& options) {
  Extraction extraction(extractor, options, paths.size());
  data::Loader loader(paths, extractor.preprocess, {.batch = kBatch, .threads = options.threads, .ahead = kAhead, .skip = [&](const Hash128& image) {
                                                      return extraction.skip(image);
                                                    }});
  while (auto batch = loader.next()) {
    check_interrupted();
    extraction.take(*batch);
    if (options.advance) options.advance(batch->indices.size());
    loader.recycle(std::move(*batch));
  }
  if (options.advance) options.advance(loader.skipped().size());
  return extraction.finish(loader);
}

}  // namespace graft::engine
