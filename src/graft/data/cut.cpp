#include "graft/data/cut.h"

#include <fmt/format.h>

#include <set>
#include <string_view>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/groups.h"
#include "graft/data/task_labels.h"

namespace graft::data {
namespace {

void refuse_small_classes(const Source& source, const Splits& splits) {
  const std::vector<std::size_t> counts = images_per_class(splits.train, splits.classes.size());
  std::vector<std::string> small;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] == 1) small.push_back(splits.classes[i]);
  if (small.empty()) return;
  throw data_error(source.name,
                   fmt::format("{} {} {} 1 photo{}, expected at least 2 to split", small.size() == 1 ? "class" : "classes", first_few(small),
                               small.size() == 1 ? "has" : "have", small.size() == 1 ? "" : " each"),
                   "add photos or give --val");
}

void refuse_few_for_folds(const Source& source, const Splits& splits, int folds) {
  const std::vector<std::size_t> counts = images_per_class(splits.train, splits.classes.size());
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] < static_cast<std::size_t>(folds))
      throw data_error(source.name,
                       fmt::format("class '{}' has {} photos, expected at least {}, one for each fold", splits.classes[i], counts[i], folds),
                       "use fewer folds or add photos");
}

/// What the groups must be for every class to be on both sides; `names` of the training samples.
void check_groups(const Source& source, Splits& splits, std::span<const std::string> names) {
  if (!has_groups(splits.train)) return;
  const std::vector<std::string> units = units_of(names, splits.train);
  const std::vector<std::size_t> counts = units_per_class(units, classes_of(splits.train), splits.classes.size());
  for (std::size_t k = 0; k < counts.size(); ++k) {
    if (counts[k] > 1) continue;
    if (!source.groups_found)
      throw data_error(
          source.name,
          fmt::format("all photos of class '{}' are in one group of {}, expected at least 2 groups to split", splits.classes[k], source.groups),
          "add photos of another group or give --val");
    for (Sample& sample : splits.train) sample.group.clear();
    splits.notes.push_back(fmt::format("groups of {} are divided: all photos of class '{}' are in one of them", source.groups, splits.classes[k]));
    return;
  }
  const std::size_t groups = std::set<std::string_view>(units.begin(), units.end()).size();
  splits.notes.push_back(fmt::format("groups by {}, never divided: {} of {} photos{}", source.groups, groups, units.size(),
                                     source.groups_found ? "; --group-column none divides them" : ""));
}

void refuse_untrained(const Source& source, const Splits& splits, const SplitOptions& options) {
  const std::vector<std::size_t> images = images_per_class(splits.train, splits.classes.size());
  for (std::size_t k = 0; k < images.size(); ++k)
    if (images[k] == 0)
      throw data_error(source.name, fmt::format("class '{}' would have no photo to train on: its groups cannot be divided", splits.classes[k]),
                       options.folds > 0 ? "use fewer folds or another --seed" : "add photos of another group or give --val");
}

}  // namespace

void cut_val(const Source& source, Splits& splits, const SplitOptions& options) {
  if (options.folds > 0) refuse_few_for_folds(source, splits, options.folds);
  else refuse_small_classes(source, splits);
  std::vector<std::string> names;
  for (const Sample& sample : splits.train) names.push_back(name_under(source.root, sample.path));
  check_groups(source, splits, names);
  const std::vector<bool> val = choose_val(splits.task, names, splits.train, static_cast<int>(splits.classes.size()), options);
  std::vector<Sample> kept;
  for (std::size_t i = 0; i < splits.train.size(); ++i) (val[i] ? splits.val : kept).push_back(std::move(splits.train[i]));
  splits.train = std::move(kept);
  splits.split_by_us = true;
  refuse_untrained(source, splits, options);
}

std::vector<std::vector<int>> classes_of(std::span<const Sample> samples) {
  std::vector<std::vector<int>> classes;
  for (const Sample& sample : samples) classes.emplace_back(labels_on(sample).begin(), labels_on(sample).end());
  return classes;
}

std::vector<double> shares_of(const SplitOptions& options) {
  if (options.folds == 0) return {options.val_fraction, 1 - options.val_fraction};
  return std::vector<double>(static_cast<std::size_t>(options.folds), 1.0 / options.folds);
}

std::vector<bool> choose_val(const Task& task, std::span<const std::string> names, std::span<const Sample> samples, int classes,
                             const SplitOptions& options) {
  const std::vector<int> parts = has_groups(samples) ? deal_units(units_of(names, samples), classes_of(samples), shares_of(options), options.seed)
                                                     : std::visit([&](const auto& t) { return deal(t, names, samples, classes, options); }, task);
  std::vector<bool> val;
  for (const int part : parts) val.push_back(part + 1 == (options.folds > 0 ? options.fold : 1));
  return val;
}

}  // namespace graft::data
