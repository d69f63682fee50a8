#include "graft/engine/features.h"

#include <algorithm>
#include <utility>

#include "graft/base/error.h"
#include "graft/engine/feature_cache.h"
#include "graft/graph/walks.h"
#include "graft/onnx/write.h"

namespace graft::engine {
namespace {

constexpr int kAhead = 24;  // batches decoded while the network still compiles, so that no core waits for it

Hash128 key_of(const graph::Graph& network, const Hash128& weights, const data::Preprocess& preprocess) {
  return Hasher().add(onnx::structure(network)).add(weights.hex()).add(data::to_json(preprocess).dump()).finish();
}

}  // namespace

void mirror_rows(const data::Preprocess& preprocess, std::span<const uint8_t> rows, std::vector<uint8_t>& out) {
  const auto width = static_cast<std::size_t>(preprocess.crop.width), channels = static_cast<std::size_t>(preprocess.channels());
  out.resize(rows.size());
  const std::size_t line = width * channels;
  for (std::size_t start = 0; start < rows.size(); start += line)
    for (std::size_t x = 0; x < width; ++x)
      std::copy_n(rows.data() + start + x * channels, channels, out.data() + start + (width - 1 - x) * channels);
}

std::optional<PrecisionChoice> remembered_precision(const graph::Graph& backbone, const data::Preprocess& preprocess, int threads) {
  const graph::Graph last = graph::features(backbone);
  const Hash128 weights = graph::hash_of_weights(last);
  if (auto known = remembered_precision(key_of(last, weights, preprocess), threads)) return known;
  return remembered_precision(key_of(graph::features(backbone, true), weights, preprocess), threads);
}

FeatureExtractor::FeatureExtractor(const graph::Graph& backbone, data::Preprocess preprocess, const ExtractOptions& options)
    : network_(graph::features(backbone, options.every_stage)), preprocess_(std::move(preprocess)), options_(options) {
  width_ = static_cast<std::size_t>(network_.output_dims()[0]);
  last_width_ = static_cast<std::size_t>(graph::feature_count(backbone));
  key_ = key_of(network_, graph::hash_of_weights(network_), preprocess_);
  if (options.precision != Precision::automatic) choice_ = {options.precision, "as asked"};
  else choice_ = remembered_precision(key_, options.threads);
}

PrecisionChoice FeatureExtractor::precision() const { return choice_.value_or(PrecisionChoice{Precision::automatic, ""}); }

/// The engine, and with it the precision where that was not known.
void FeatureExtractor::prepare(std::span<const uint8_t> rows, std::size_t n) {
  if (engine_) return;
  const std::string onnx = onnx::write(network_);
  EngineOptions options{.threads = options_.threads, .batch = options_.batch};
  if (choice_) {
    options.precision = choice_->precision;
    engine_.emplace(onnx, network_.name, preprocess_, options);
  } else {
    ChosenEngine chosen = choose_precision(onnx, network_.name, key_, preprocess_, options, rows, n);
    choice_ = std::move(chosen.choice);
    engine_ = std::move(chosen.engine);
  }
}

FeatureTable FeatureExtractor::extract(const std::vector<std::filesystem::path>& paths, bool mirror,
                                       const std::function<void(std::size_t)>& advance) {
  FeatureTable table{.width = mirror ? 2 * width_ : width_};
  table.values.resize(paths.size() * table.width);
  table.hashes.resize(paths.size());
  const auto row = [&](std::size_t i) { return std::span(table.values).subspan(i * table.width, table.width); };

  std::optional<FeatureCache> cache;  // opened when the precision is known, which is part of its key
  const auto open_cache = [&] {
    const char* precision = to_string(choice_->precision);
    const Hash128 key = Hasher().add(key_.hex()).add(precision).add(mirror ? "mirror" : "").finish();
    cache.emplace(features_folder(), key, network_.name + ", " + precision + (mirror ? ", mirror" : ""), table.width, options_.cache_limit);
  };
  if (choice_) open_cache();
  std::function<bool(const Hash128&)> skip;
  if (cache) skip = [&cache](const Hash128& image) { return !cache->find(image).empty(); };

  data::Loader loader(paths, preprocess_, {.batch = options_.batch, .threads = options_.threads, .ahead = kAhead, .skip = skip});
  std::vector<uint8_t> mirrored;
  std::vector<float> plain_out, mirror_out;
  while (auto batch = loader.next()) {
    check_interrupted();
    const std::size_t n = batch->indices.size();
    prepare(batch->pixels, n);
    if (!cache) open_cache();
    plain_out.resize(n * width_);
    engine_->run(batch->pixels, n, plain_out);
    if (mirror) {
      mirror_rows(preprocess_, batch->pixels, mirrored);
      mirror_out.resize(n * width_);
      engine_->run(mirrored, n, mirror_out);
    }
    for (std::size_t i = 0; i < n; ++i) {
      const std::span<float> to = row(batch->indices[i]);
      std::ranges::copy(std::span(plain_out).subspan(i * width_, width_), to.begin());
      if (mirror) std::ranges::copy(std::span(mirror_out).subspan(i * width_, width_), to.begin() + static_cast<std::ptrdiff_t>(width_));
      cache->add(batch->hashes[i], to);
      table.hashes[batch->indices[i]] = batch->hashes[i];
    }
    if (advance) advance(n);
    loader.recycle(std::move(*batch));
  }
  for (const data::Skipped& s : loader.skipped()) {
    std::ranges::copy(cache->find(s.hash), row(s.index).begin());
    table.hashes[s.index] = s.hash;
  }
  if (advance) advance(loader.skipped().size() + loader.unreadable().size());
  table.cached = loader.skipped().size();
  table.unreadable = loader.unreadable();
  return table;
}

}  // namespace graft::engine
