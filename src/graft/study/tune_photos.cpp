#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/hash.h"
#include "graft/base/paths.h"
#include "graft/base/text.h"
#include "graft/base/thread_pool.h"
#include "graft/data/csv.h"
#include "graft/data/dataset.h"
#include "graft/data/groups.h"
#include "graft/data/task_labels.h"
#include "graft/fit/job/photos.h"
#include "graft/study/tune.h"

namespace graft::study {
namespace fs = std::filesystem;
namespace {

constexpr double kJudging = 0.25;  // of the training photos

/// By path: everything else that the table says of it.
std::map<std::string, std::string> rows_by_path(const std::string& table) {
  std::map<std::string, std::string> rows;
  for (const data::CsvRow& row : data::parse_csv(table, ',', "tuning.csv"))
    rows.emplace(row.fields.front(), fmt::format("{}", fmt::join(row.fields.begin() + 1, row.fields.end(), ",")));
  return rows;
}

}  // namespace

std::string photos_of_trials(const fit::FitConfig& config, const fs::path& run) {
  const data::Splits splits = data::open_splits(config.data, fit::split_options(config));
  std::vector<std::string> names;
  for (const data::Sample& sample : splits.train) names.push_back(sample.path.lexically_relative(config.data).generic_string());
  const std::vector<bool> judges =
      data::choose_val(splits.task, names, splits.train, static_cast<int>(splits.classes.size()), {.val_fraction = kJudging, .seed = config.seed});
  struct Photo {
    const data::Sample* sample;
    const char* part;
    std::string hash;
  };
  std::vector<Photo> photos;
  for (std::size_t i = 0; i < splits.train.size(); ++i) photos.push_back({&splits.train[i], judges[i] ? "val" : "train", ""});
  for (const data::Sample& sample : splits.val) photos.push_back({&sample, "test", ""});
  ThreadPool pool(config.threads);
  pool.parallel_for(photos.size(), [&](std::size_t i) { photos[i].hash = hash128(read_file(photos[i].sample->path)).hex(); });
  const bool groups = data::has_groups(splits.train);
  const PathsIn there(run);
  std::string table = groups ? "path,label,split,hash,group\n" : "path,label,split,hash\n";
  for (const Photo& photo : photos) {
    table += fmt::format("{},{},{},{}", csv_field(there.name_of(photo.sample->path).generic_string()),
                         csv_field(data::joined_names(data::labels_on(*photo.sample), splits.classes)), photo.part, photo.hash);
    table += groups ? "," + csv_field(photo.sample->group) + "\n" : "\n";
  }
  return table;
}

void check_photos(const std::string& then, const std::string& now, const fs::path& run) {
  const auto before = rows_by_path(then), after = rows_by_path(now);
  const std::string hint = "restore the photos, or start another tuning";
  const std::string began = fmt::format("{} began", printable(run.string()));
  for (const auto& [path, row] : before)
    if (!after.contains(path)) throw data_error(printable(path), fmt::format("was there when {}, and is not among the photos now", began), hint);
  for (const auto& [path, row] : after)
    if (!before.contains(path)) throw data_error(printable(path), fmt::format("was not there when {}", began), hint);
  for (const auto& [path, row] : before)  // last: one photo more or less changes what others are for
    if (after.at(path) != row) throw data_error(printable(path), fmt::format("is not what it was when {}", began), hint);
}

}  // namespace graft::study
