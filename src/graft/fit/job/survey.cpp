#include "graft/fit/job/survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/data/loader.h"
#include "graft/engine/features.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kEnoughPhotos = 16;  // to measure the precision on

void check_classes(const fs::path& data, const std::vector<std::string>& classes, const Photos& photos) {
  const std::vector<std::size_t> images = data::images_per_class(photos.train, classes.size());
  std::vector<data::Sample> weighty;
  std::ranges::copy_if(photos.train, std::back_inserter(weighty), [](const data::Sample& sample) { return sample.weight > 0; });
  const std::vector<std::size_t> counting = data::images_per_class(weighty, classes.size());
  for (std::size_t c = 0; c < classes.size(); ++c)
    if (counting[c] == 0)
      throw data_error(printable(data.string()),
                       fmt::format("class '{}' has no photo that can be read{}", classes[c], images[c] > 0 ? " and weighs more than 0" : ""),
                       "add photos or remove the class");
  if (photos.val.empty()) throw data_error(printable(data.string()), "no validation photo can be read", "repair them or give --val");
}

/// From what is remembered of this network, else measured on a few photos.
void choose_precision(Job& job, const std::vector<fs::path>& photos) {
  const FitConfig& c = job.config.values;
  if (c.precision != engine::Precision::automatic) return;
  auto choice = engine::remembered_precision(job.pretrained.graph, job.preprocess, c.threads);
  if (!choice) {
    engine::FeatureExtractor extractor(job.pretrained.graph, job.preprocess, {.threads = c.threads, .every_stage = false});
    extractor.extract({photos.begin(), photos.begin() + static_cast<std::ptrdiff_t>(std::min(photos.size(), kEnoughPhotos))}, false);
    choice = extractor.precision();
  }
  choose(job.config, "precision", choice->precision, choice->reason);
}

}  // namespace

Photos readable(const data::Splits& splits, const std::vector<std::size_t>& unreadable) {
  Photos photos;
  std::size_t index = 0;
  for (const auto& [from, to] : {std::pair{&splits.train, &photos.train}, std::pair{&splits.val, &photos.val}})
    for (const data::Sample& sample : *from)
      if (!std::ranges::binary_search(unreadable, index++)) to->push_back(sample);
  return photos;
}

std::vector<fs::path> paths_of(const data::Splits& splits) {
  std::vector<fs::path> paths = data::paths_of(splits.train);
  std::ranges::copy(data::paths_of(splits.val), std::back_inserter(paths));
  return paths;
}

std::vector<Hash128> hashes_of(const Photos& photos, ThreadPool& pool) {
  std::vector<fs::path> paths = data::paths_of(photos.train);
  std::ranges::copy(data::paths_of(photos.val), std::back_inserter(paths));
  std::vector<Hash128> hashes(paths.size());
  pool.parallel_for(paths.size(), [&](std::size_t i) { hashes[i] = hash128(read_file(paths[i])); });
  return hashes;
}

std::vector<Hash128> hashes_of(const std::vector<data::Sample>& samples, ThreadPool& pool) {
  std::vector<Hash128> hashes(samples.size());
  std::error_code code;
  pool.parallel_for(samples.size(), [&](std::size_t i) {
    if (fs::is_regular_file(samples[i].path, code))
      hashes[i] = hash128(read_file(samples[i].path));  // one that cannot be read is told by its decoder
  });
  return hashes;
}

std::vector<std::size_t> also_in(std::span<const Hash128> photos, const std::vector<Hash128>& sorted) {
  std::vector<std::size_t> both;
  for (std::size_t i = 0; i < photos.size(); ++i)
    if (std::ranges::binary_search(sorted, photos[i])) both.push_back(i);
  return both;
}

void skip_unreadable(const Listener& listener, bool skip, const fs::path& folder, std::size_t photos,
                     const std::vector<data::Unreadable>& unreadable) {
  if (unreadable.empty()) return;
  const Error all = data::unreadable_error(folder, photos, unreadable);
  if (!skip) throw all;
  if (listener.note) listener.note(all.subject() + ": " + all.fact() + "; skipped");
}

void skip_unreadable(const Job& job, const fs::path& folder, std::size_t photos, const std::vector<data::Unreadable>& unreadable) {
  skip_unreadable(job.listener, job.config.values.skip_unreadable, folder, photos, unreadable);
}

void keep_readable(const Job& job, const fs::path& folder, std::vector<data::Sample>& samples, std::vector<data::Unreadable> unreadable) {
  skip_unreadable(job, folder, samples.size(), unreadable);
  std::ranges::reverse(unreadable);
  for (const data::Unreadable& u : unreadable) samples.erase(samples.begin() + static_cast<std::ptrdiff_t>(u.index));
}

void keep_readable(Job& job, const fs::path& folder, std::vector<data::Sample>& samples) {
  data::Loader loader(data::paths_of(samples), job.preprocess, {.threads = job.config.values.threads});
  while (auto batch = loader.next()) {
    check_interrupted();
    loader.recycle(std::move(*batch));
  }
  keep_readable(job, folder, samples, loader.unreadable());
}

void leave_out(const Job& job, const std::vector<data::Unreadable>& unreadable, std::span<const Hash128> hashes, Start& start) {
  if (!start.hashes.empty()) return;  // known from an earlier look
  const FitConfig& c = job.config.values;
  skip_unreadable(job, c.data, job.splits.train.size() + job.splits.val.size(), unreadable);
  for (const data::Unreadable& u : unreadable) start.unreadable.push_back(u.index);
  for (std::size_t i = 0; i < hashes.size(); ++i)
    if (!std::ranges::binary_search(start.unreadable, i)) start.hashes.push_back(hashes[i]);
  check_classes(c.data, job.splits.classes, readable(job.splits, start.unreadable));
}

void survey(Job& job, Start& start) {
  const std::vector<fs::path> paths = paths_of(job.splits);
  const auto advance = job.begin("photos", paths.size());
  data::Loader loader(paths, job.preprocess, {.threads = job.config.values.threads});
  std::size_t read = 0;
  std::vector<Hash128> hashes(paths.size());
  while (auto batch = loader.next()) {
    check_interrupted();
    read += batch->indices.size();
    for (std::size_t i = 0; i < batch->indices.size(); ++i) hashes[batch->indices[i]] = batch->hashes[i];
    if (advance) advance(batch->indices.size());
    loader.recycle(std::move(*batch));
  }
  if (advance) advance(paths.size() - read);
  leave_out(job, loader.unreadable(), hashes, start);
  choose_precision(job, data::paths_of(readable(job.splits, start.unreadable).train));
}

}  // namespace graft::fit
