#include "graft/search/embed.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/base/units.h"
#include "graft/data/dataset.h"
#include "graft/data/scan.h"
#include "graft/data/source.h"
#include "graft/search/nearest.h"
#include "graft/search/network.h"

namespace graft::search {
namespace fs = std::filesystem;
namespace {

/// Rows at once, no more than there are.
int batch_for(std::size_t photos) { return static_cast<int>(std::clamp<std::size_t>(photos, 1, 16)); }

/// Makes `from`, the features of a photo and perhaps of its mirror image, a row of the index; `to` may begin where `from` does or before.
void make_row(std::span<const float> from, std::span<float> to, bool mirror, bool normalize) {
  const std::size_t width = to.size();
  for (std::size_t i = 0; i < width; ++i) to[i] = mirror ? 0.5F * (from[i] + from[i + width]) : from[i];
  if (!normalize) return;
  const float scale = inverse_length(to);
  for (float& value : to) value *= scale;
}

/// The rows of the readable photos, moved together in place.
void keep_readable(engine::FeatureTable& table, const std::vector<fs::path>& photos, Embedding& embedding) {
  auto bad = table.unreadable.begin();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    if (bad != table.unreadable.end() && bad->index == i) {
      ++bad;
      continue;
    }
    const std::span<float> values(table.values);
    make_row(values.subspan(i * table.width, table.width), values.subspan(kept * embedding.width, embedding.width), embedding.info.mirror,
             embedding.info.normalized);
    embedding.info.paths.push_back(printable(photos[i].string()));
    ++kept;
  }
  table.values.resize(kept * embedding.width);
  embedding.values = std::move(table.values);
}

}  // namespace

data::ImageList list_photos(std::span<const fs::path> inputs, std::istream& list) {
  data::ImageList photos;
  for (const fs::path& input : inputs) {
    const std::string extension = lower(input.extension().string());
    std::error_code code;
    const bool table = (extension == ".csv" || extension == ".tsv") && !fs::is_directory(input, code);
    data::ImageList some = table ? data::ImageList{data::read_paths(data::existing(input))} : data::list_images(std::span(&input, 1), list);
    std::ranges::move(some.paths, std::back_inserter(photos.paths));
    std::ranges::move(some.notes, std::back_inserter(photos.notes));
    photos.left_out.add(some.left_out);
  }
  return photos;
}

Embedding embed(const EmbedConfig& config, const std::vector<fs::path>& photos, const std::function<std::function<void(std::size_t)>()>& begin) {
  OpenedNetwork network = open_network(config);
  data::Preprocess& preprocess = network.preprocess;
  ThreadPool pool(config.threads);
  std::vector<std::string> notes = data::choose_pixels(photos, config.background, config.depth, preprocess, pool);
  engine::FeatureExtractor extractor(network.graph, preprocess,
                                     {.precision = config.precision,
                                      .threads = config.threads,
                                      .cache_limit = static_cast<uint64_t>(config.cache_limit * kGiB),
                                      .every_stage = false,
                                      .batch = batch_for(photos.size())});
  const bool mirror = config.mirror;
  engine::FeatureTable table = extractor.extract(photos, mirror, begin ? begin() : nullptr);

  Embedding embedding{.width = extractor.width(), .unreadable = table.unreadable.size(), .cached = table.cached};
  embedding.notes = std::move(network.notes);
  std::ranges::move(notes, std::back_inserter(embedding.notes));
  const fs::path subject = config.data.size() == 1 && config.data[0] != "-" ? config.data[0] : fs::path("photos");
  if (!table.unreadable.empty()) {
    const Error all = data::unreadable_error(subject, photos.size(), table.unreadable);
    if (!config.skip_unreadable) throw all;
    embedding.skipped = all.subject() + ": " + all.fact() + "; skipped";
  }
  if (table.unreadable.size() == photos.size()) throw data_error(printable(subject.string()), "no photo that can be read");
  embedding.info = {.backbone = network.backbone,
                    .weights_file = printable(network.file.filename().string()),
                    .weights_sha256 = network.sha256,
                    .preprocess = preprocess,
                    .file_network = network.from_file,
                    .precision = extractor.precision().precision,
                    .mirror = mirror,
                    .normalized = config.normalize};
  keep_readable(table, photos, embedding);
  return embedding;
}

QueryEmbedder::QueryEmbedder(const Index& index, const fs::path& weights, int threads, std::size_t photos)
    : mirror_(index.info.mirror), normalize_(index.info.normalized) {
  const IndexInfo& info = index.info;
  const OpenedNetwork network = reopen_network(info, weights);
  if (network.sha256 != info.weights_sha256)
    throw data_error(index.name,
                     fmt::format("made with weights {} of SHA-256 {}, but {} has {}", printable(info.weights_file),
                                 printable(info.weights_sha256.substr(0, 16)), printable(network.file.string()), network.sha256.substr(0, 16)),
                     "pass the file that it was made with as --weights, or make the index again");
  const bool bf16 = info.precision == engine::Precision::bf16 && engine::has_native_bf16();
  extractor_.emplace(network.graph, info.preprocess,
                     engine::ExtractOptions{.precision = bf16 ? engine::Precision::bf16 : engine::Precision::float32,
                                            .threads = threads,
                                            .every_stage = false,
                                            .batch = batch_for(photos)});
  if (extractor_->width() != index.table.width)
    throw data_error(index.name,
                     fmt::format("rows of {} features, but {} gives {}", index.table.width, printable(info.backbone), extractor_->width()),
                     "make the index again with `graft embed`");
}

Queries QueryEmbedder::operator()(const std::vector<fs::path>& photos, const std::function<void(std::size_t)>& advance) {
  engine::FeatureTable table = extractor_->extract(photos, mirror_, advance);
  const std::size_t width = extractor_->width();
  Queries queries{{}, std::move(table.unreadable)};
  queries.values.resize(photos.size() * width);
  for (std::size_t i = 0; i < photos.size(); ++i)
    make_row(std::span(table.values).subspan(i * table.width, table.width), std::span(queries.values).subspan(i * width, width), mirror_, normalize_);
  return queries;
}

}  // namespace graft::search
