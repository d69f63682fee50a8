#include "graft/shots/photos.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/base/units.h"
#include "graft/fit/job/survey.h"

namespace graft::shots {
namespace fs = std::filesystem;

engine::FeatureExtractor extractor_of(const graph::Graph& graph, const data::Preprocess& preprocess, int threads, double cache_limit,
                                      std::size_t photos) {
  return {graph, preprocess,
          engine::ExtractOptions{.precision = engine::Precision::float32,
                                 .threads = threads,
                                 .cache_limit = static_cast<uint64_t>(cache_limit * kGiB),
                                 .every_stage = false,
                                 .batch = static_cast<int>(std::clamp<std::size_t>(photos, 1, 16))}};
}

Seen see(engine::FeatureExtractor& extractor, const std::vector<fs::path>& photos, const fs::path& data, bool skip_unreadable,
         const Listener& listener) {
  const engine::FeatureTable table = extractor.extract(photos, false, listener.begin ? listener.begin("features", photos.size()) : nullptr);
  if (skip_unreadable && !photos.empty() && table.unreadable.size() == photos.size())
    throw data_error(printable(data.string()), "no photo that can be read");
  fit::skip_unreadable(listener, skip_unreadable, data, photos.size(), table.unreadable);
  Seen seen{.width = table.width};
  auto bad = table.unreadable.begin();
  for (std::size_t i = 0; i < photos.size(); ++i) {
    if (bad != table.unreadable.end() && bad->index == i) {
      ++bad;
      continue;
    }
    seen.photos.push_back(i);
    seen.hashes.push_back(table.hashes[i]);
    const auto row = std::span(table.values).subspan(i * table.width, table.width);
    seen.values.insert(seen.values.end(), row.begin(), row.end());
  }
  return seen;
}

data::Dataset all_of(const fs::path& path, const data::SourceOptions& source, const Listener& listener) {
  data::Splits splits = data::open_parts(path, source);
  const std::string name = printable(path.string());
  if (!data::one_class_each(splits.task))
    throw data_error(name, "its labels name several classes per photo, expected one each", "train on them with `graft fit`");
  if (listener.note)
    for (const std::string& sentence : splits.notes) listener.note(sentence);
  data::Dataset all{.classes = std::move(splits.classes), .samples = std::move(splits.train), .notes = {}, .part = "all", .task = splits.task};
  for (auto* part : {&splits.val, &splits.test}) std::ranges::move(*part, std::back_inserter(all.samples));
  std::ranges::sort(all.samples, [](const data::Sample& a, const data::Sample& b) {
    return std::tie(a.label, a.path.native()) < std::tie(b.label, b.path.native());
  });
  return all;
}

}  // namespace graft::shots
