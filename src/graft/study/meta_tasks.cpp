#include "graft/study/meta_tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "graft/base/error.h"
#include "graft/base/quotes.h"
#include "graft/base/rng.h"
#include "graft/base/text.h"
#include "graft/data/loader.h"
#include "graft/data/look.h"
#include "graft/data/normalise.h"
#include "graft/fit/job/survey.h"
#include "graft/shots/photos.h"

namespace graft::study {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kDeal = 0x6465616c, kTest = 0x74657374;  // "deal", "test": draws of their own beside those of the training
constexpr double kValPart = 0.15, kTestPart = 0.25;         // of the classes

}  // namespace

train::Fill Table::fill() const {
  return [this](uint64_t, std::span<const std::size_t> which, std::span<float> out) {
    const std::size_t row = preprocess.row_bytes();
    for (std::size_t i = 0; i < which.size(); ++i)
      data::normalise(preprocess, std::span(pixels).subspan(which[i] * row, row), out.subspan(i * row, row));
  };
}

Table read_photos(const MetaLearningConfig& c, const fit::Listener& listener) {
  const data::Dataset all = shots::all_of(c.data, c.source, listener);
  const std::vector<fs::path> paths = data::paths_of(all.samples);
  Table table{.classes = all.classes};
  table.preprocess.resize = c.size;
  table.preprocess.crop = c.size;
  ThreadPool pool(c.threads);
  for (const std::string& sentence : data::choose_pixels(paths, {}, data::Depth::automatic, table.preprocess, pool))
    if (listener.note) listener.note(sentence);
  const auto advance = listener.begin ? listener.begin("photos", paths.size()) : nullptr;
  data::Loader loader(paths, table.preprocess, {.threads = c.threads});
  while (std::optional<data::Loader::Batch> batch = loader.next()) {
    check_interrupted();
    table.pixels.insert(table.pixels.end(), batch->pixels.begin(), batch->pixels.end());
    table.hashes.insert(table.hashes.end(), batch->hashes.begin(), batch->hashes.end());
    for (const std::size_t i : batch->indices) {
      table.paths.push_back(paths[i]);
      table.labels.push_back(all.samples[i].label);
    }
    if (advance) advance(batch->indices.size());
    loader.recycle(std::move(*batch));
  }
  fit::skip_unreadable(listener, c.skip_unreadable, c.data, paths.size(), loader.unreadable());
  return table;
}

Dealt deal(const MetaLearningConfig& c, const Table& table, const fit::Listener& listener) {
  const std::string name = printable(c.data.string());
  Classes all(table.classes.size());
  for (std::size_t i = 0; i < table.labels.size(); ++i) all[static_cast<std::size_t>(table.labels[i])].push_back(i);
  const auto fewest = static_cast<std::size_t>(c.shots + c.queries);
  std::vector<std::string> few;
  for (std::size_t k = 0; k < all.size(); ++k)
    if (all[k].size() < fewest) few.push_back(fmt::format("{} ({})", table.classes[k], all[k].size()));
  const std::string fact =
      fmt::format("classes with fewer than {} photos ({} for --shots and {} for --queries): {}", fewest, c.shots, c.queries, first_few(few));
  std::erase_if(all, [&](const auto& photos) { return photos.size() < fewest; });
  const auto ways = static_cast<std::size_t>(c.ways), n = all.size();
  const auto part = [&](double share) { return std::max(ways, static_cast<std::size_t>(share * static_cast<double>(n) + 0.5)); };
  const std::size_t val = c.val_classes ? static_cast<std::size_t>(*c.val_classes) : part(kValPart);
  const std::size_t test = c.test_classes ? static_cast<std::size_t>(*c.test_classes) : part(kTestPart);
  for (const auto& [option, count] : {std::pair{"--val-classes", val}, {"--test-classes", test}})
    if (count < ways && !(count == 0 && option[2] == 'v'))
      throw usage_error(fmt::format("{} {}", option, count), fmt::format("expected at least {}: as many as --ways", ways));
  if (n < ways + val + test)
    throw data_error(name,
                     fmt::format("{}{} usable classes, expected at least {}: {} for training, {} for validation and {} for testing",
                                 few.empty() ? "" : fact + "; ", n, ways + val + test, ways, val, test),
                     "no class may be in more than one of these parts: choose fewer --ways, --val-classes or --test-classes, or give more classes");
  if (!few.empty() && listener.note) listener.note(fact + "; left out");
  Rng(c.seed, kDeal).shuffle(std::span(all));
  Dealt dealt{.labels = std::vector<int>(table.labels.size(), -1)};
  dealt.test.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(test));
  dealt.val.assign(all.begin() + static_cast<std::ptrdiff_t>(test), all.begin() + static_cast<std::ptrdiff_t>(test + val));
  dealt.train.assign(all.begin() + static_cast<std::ptrdiff_t>(test + val), all.end());
  for (std::size_t k = 0; k < dealt.train.size(); ++k)
    for (const std::size_t photo : dealt.train[k]) dealt.labels[photo] = static_cast<int>(k);
  return dealt;
}

std::vector<std::size_t> photos_in(const Classes& classes) {
  std::vector<std::size_t> photos;
  for (const auto& some : classes) photos.insert(photos.end(), some.begin(), some.end());
  return photos;
}

TestTasks tasks_of(const MetaLearningConfig& c, const Classes& classes) {
  TestTasks tasks{.photos = photos_in(classes)};
  std::map<std::size_t, std::size_t> number;
  for (std::size_t i = 0; i < tasks.photos.size(); ++i) number[tasks.photos[i]] = i;
  for (std::size_t e = 0; e < static_cast<std::size_t>(c.test_episodes); ++e) {
    tasks.episodes.push_back(data::draw_episode(classes, c.ways, c.shots, c.queries, c.seed ^ kTest, e));
    tasks.of_photos.push_back(tasks.episodes.back());
    for (auto* photos : {&tasks.of_photos.back().support, &tasks.of_photos.back().query})
      for (std::size_t& photo : *photos) photo = number.at(photo);
  }
  return tasks;
}

}  // namespace graft::study
