#include "graft/data/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "graft/base/class_weights.h"
#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/base/unicode.h"
#include "graft/data/cut.h"
#include "graft/data/groups.h"
#include "graft/data/look_alikes.h"
#include "graft/data/scan.h"
#include "graft/data/source.h"
#include "graft/data/task_labels.h"
#include "graft/image/format_table.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

std::vector<std::string> classes_to_train(const Source& source) {
  std::set<std::string> classes;
  for (const Found& found : source.found)
    if (found.part == Part::train)
      for (const std::string& name : names_on(source, found)) classes.insert(name);
  if (!source.empty_classes.empty())
    throw data_error(source.name, fmt::format("class {} has no photos, expected {} files", source.empty_classes[0], image::format_names()),
                     "add photos or remove the folder");
  if (classes.empty()) throw data_error(source.name, "nothing to train on, expected rows with split 'train'");
  if (classes.size() == 1)
    throw data_error(source.name, "only one class, '" + *classes.begin() + "', expected two or more",
                     source.hint.empty() ? "add photos of another class" : source.hint);
  return {classes.begin(), classes.end()};
}

bool has_part(const Source& source, Part part) {
  return std::ranges::any_of(source.found, [&](const Found& found) { return found.part == part; });
}

/// With the characters where they look alike.
std::string said_near(const std::string& name, const std::string& near) {
  const bool alike = look_of(name, false) == look_of(near, false);
  return alike ? fmt::format("'{}' looks the same: {}, here {}", near, code_points(near), code_points(name))
               : fmt::format("did you mean '{}'?", near);
}

/// The samples of one part. `owner` says for the error whose classes these are: "train", "the model".
std::vector<Sample> samples_of(const Source& source, Part part, std::span<const std::string> classes, std::string_view owner) {
  std::unordered_map<std::string, int> label_of;  // labels are in this form, a model's classes may be older
  for (std::size_t i = 0; i < classes.size(); ++i) label_of.emplace(nfc(classes[i]), static_cast<int>(i));
  std::vector<Sample> samples;
  const auto label_named = [&](const Found& found, const std::string& name) {
    const auto known = label_of.find(name);
    if (known != label_of.end()) return known->second;
    const auto near = closest(name, classes);
    throw data_error(source.where(found), fmt::format("class '{}' is not a class of {} ({})", name, owner, first_few(classes)),
                     near ? said_near(name, *near) : source.hint);
  };
  for (const Found& found : source.found) {
    if (found.part != part) continue;
    Sample& sample = samples.emplace_back(Sample{.path = found.path, .label = -1, .group = found.group});
    std::vector<int> numbers;
    for (const std::string& name : names_on(source, found)) numbers.push_back(label_named(found, name));
    std::visit([&](const auto& task) { set_labels(task, numbers, sample); }, source.task);
  }
  std::ranges::sort(samples, {}, [](const Sample& sample) { return std::tie(sample.label, sample.path.native()); });
  return samples;
}

void note_missing_in_val(Splits& splits) {
  const std::vector<std::size_t> images = images_per_class(splits.val, splits.classes.size());
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < images.size(); ++i)
    if (images[i] == 0) missing.push_back(splits.classes[i]);
  if (!missing.empty()) splits.notes.push_back("classes without a photo in val: " + first_few(missing));
}

/// Options of tables say nothing of a folder, but that nothing is to be kept together.
Source read_with_columns(const fs::path& path, const SourceOptions& options, const Task& meant = {}) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored))
    for (const auto& [column, name] : {std::pair{&options.path_column, "--path-column"},
                                       {&options.label_column, "--label-column"},
                                       {&options.split_column, "--split-column"},
                                       {&options.group_column, "--group-column"}})
      if (*column && !(column == &options.group_column && **column == "none"))
        throw usage_error(name, "is for a CSV or TSV; " + printable(path.string()) + " is a folder", "omit it");
  return read_source(path, options, meant);
}

/// Of `part`, "" as in LabelledOptions.
Part part_to_measure(const Source& source, const std::string& part) {
  if (part.empty()) return has_part(source, Part::val) ? Part::val : has_part(source, Part::test) ? Part::test : Part::train;
  const auto wanted = part_named(part);
  if (!wanted) throw usage_error("part", "'" + printable(part) + "', expected train, val or test");
  return *wanted;
}

/// The samples to measure on, never none.
std::vector<Sample> measured(const Source& source, Part part, bool asked, std::span<const std::string> classes, std::string_view owner) {
  std::vector<Sample> samples = samples_of(source, part, classes, owner);
  if (samples.empty()) throw data_error(source.name, asked ? fmt::format("holds no photos for {}", to_string(part)) : "holds no photos");
  return samples;
}

}  // namespace

std::span<const int> labels_on(const Sample& sample) { return sample.label >= 0 ? std::span(&sample.label, 1) : std::span(sample.labels); }

bool has(const Sample& sample, int label) { return std::ranges::binary_search(labels_on(sample), label); }

std::vector<std::filesystem::path> paths_of(std::span<const Sample> samples) {
  std::vector<std::filesystem::path> paths;
  for (const Sample& sample : samples) paths.push_back(sample.path);
  return paths;
}

std::vector<int> labels_of(std::span<const Sample> samples) {
  std::vector<int> labels;
  for (const Sample& sample : samples) labels.push_back(sample.label);
  return labels;
}

std::vector<float> targets_of(const Task& task, std::span<const Sample> samples, std::size_t classes) {
  return std::visit([&](const auto& t) { return targets_for(t, samples, classes); }, task);
}

std::vector<std::size_t> images_per_class(std::span<const Sample> samples, std::size_t classes) {
  std::vector<std::size_t> images(classes);
  for (const Sample& sample : samples)
    for (const int label : labels_on(sample)) ++images[static_cast<std::size_t>(label)];
  return images;
}

std::vector<double> weights_of(std::span<const Sample> samples) {
  std::vector<double> weights;
  double sum = 0;
  for (const Sample& sample : samples) sum += weights.emplace_back(sample.weight);
  if (std::ranges::all_of(weights, [&](double weight) { return weight == weights.front(); })) return {};
  for (double& weight : weights) weight *= static_cast<double>(weights.size()) / sum;
  return weights;
}

Splits open_splits(const fs::path& path, const SplitOptions& options) {
  if (!(options.val_fraction > 0 && options.val_fraction < 1))
    throw usage_error("val_fraction", fmt::format("{} is out of range, expected more than 0 and less than 1", options.val_fraction));
  if (options.folds > 0 && !options.val.empty()) throw usage_error("--val", "cannot be combined with folds", "omit --val or the folds");
  const Source source = read_with_columns(path, options.source);
  if (options.folds > 0 && has_part(source, Part::val))
    throw data_error(source.name, "has its own val part, which folds would replace", "omit the folds, or give its train part alone");
  Splits splits;
  splits.classes = classes_to_train(source);
  splits.notes = source.notes;
  std::ranges::move(check_look_alikes(source.name, splits.classes), std::back_inserter(splits.notes));
  splits.task = source.task;
  splits.train = samples_of(source, Part::train, splits.classes, "train");
  splits.test = samples_of(source, Part::test, splits.classes, "train");
  if (!options.val.empty()) {
    Source given = read_source(options.val, options.source, splits.task);
    if (given.task != splits.task)
      throw data_error(given.name, "its labels name several classes, but those of the training photos one each",
                       "write the labels of both in the same way");
    splits.val = measured(given, part_to_measure(given, ""), false, splits.classes, "train");
    std::ranges::move(given.notes, std::back_inserter(splits.notes));
    if (has_part(source, Part::val)) splits.notes.push_back("the val part of " + source.name + " is not used: another was given");
  } else if (has_part(source, Part::val)) {
    splits.val = samples_of(source, Part::val, splits.classes, "train");
  } else {
    cut_val(source, splits, options);
  }
  std::visit([&](const auto& task) { check_parts(task, source, splits); }, splits.task);
  note_missing_in_val(splits);
  if (std::string divided = divided_groups(splits, source.groups); !divided.empty()) splits.notes.push_back(std::move(divided));
  return splits;
}

Splits open_parts(const fs::path& path, const SourceOptions& options, const fs::path& val) {
  const Source source = read_with_columns(path, options);
  Splits splits{.classes = {}, .train = {}, .val = {}, .test = {}, .task = source.task, .notes = source.notes};
  std::optional<Source> elsewhere;
  if (!val.empty()) elsewhere = read_source(val, options, splits.task);
  std::set<std::string> classes;
  for (const Source* from : std::initializer_list<const Source*>{&source, elsewhere ? &*elsewhere : nullptr}) {
    if (from == nullptr) continue;
    for (const Found& found : from->found)
      for (const std::string& name : names_on(*from, found)) classes.insert(name);
    if (!from->empty_classes.empty()) splits.notes.push_back("classes without a photo: " + first_few(from->empty_classes));
  }
  if (classes.empty()) throw data_error(source.name, fmt::format("holds no labeled photos, expected {} files", image::format_names()), source.hint);
  splits.classes.assign(classes.begin(), classes.end());
  std::ranges::move(check_look_alikes(source.name, splits.classes), std::back_inserter(splits.notes));
  splits.train = samples_of(source, Part::train, splits.classes, "the data set");
  splits.val = samples_of(source, Part::val, splits.classes, "the data set");
  splits.test = samples_of(source, Part::test, splits.classes, "the data set");
  if (elsewhere) {
    if (!splits.val.empty()) splits.notes.push_back("the val part of " + source.name + " is not used: another was given");
    splits.val = samples_of(*elsewhere, part_to_measure(*elsewhere, ""), splits.classes, "the data set");
    std::ranges::move(elsewhere->notes, std::back_inserter(splits.notes));
  }
  return splits;
}

Dataset open_labelled(const fs::path& path, std::span<const std::string> classes, const LabelledOptions& options) {
  SourceOptions asked = options.source;  // nothing is divided: groups are those that are asked for
  if (!asked.group_column && !asked.group_from_name) asked.group_column = "none";
  const Source source = read_with_columns(path, asked, options.task);
  if (source.task != options.task)
    throw data_error(source.name, "its labels name several classes, but the model answers with one",
                     "give labels of one class each, or another model");
  const Part part = part_to_measure(source, options.part);
  return {{classes.begin(), classes.end()},
          measured(source, part, !options.part.empty(), classes, "the model"),
          source.notes,
          source.parted || part != Part::train ? to_string(part) : "all",
          source.task};
}

std::vector<NamedPhoto> photos_named(const fs::path& path, const SourceOptions& options, std::vector<std::string>& notes) {
  const Source source = read_with_columns(path, options);
  std::set<std::string> classes;
  std::vector<NamedPhoto> photos;
  for (const Found& found : source.found) {
    classes.insert(found.label);
    photos.push_back({found.path, found.label, source.parted ? to_string(found.part) : ""});
  }
  std::ranges::sort(photos, {}, [](const NamedPhoto& photo) { return photo.path.native(); });
  notes = source.notes;
  const std::vector<std::string> names(classes.begin(), classes.end());
  std::ranges::move(check_look_alikes(source.name, names), std::back_inserter(notes));
  return photos;
}

}  // namespace graft::data
