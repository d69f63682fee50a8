#include "graft/data/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <istream>
#include <iterator>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "graft/base/class_weights.h"
#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/multi_label.h"
#include "graft/data/scan.h"
#include "graft/data/source.h"
#include "graft/data/split.h"
#include "graft/data/stratify.h"
#include "graft/image/format_table.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

/// The names of its classes.
std::span<const std::string> names_on(const Source& source, const Found& found) {
  return source.multi_label ? std::span(found.labels) : std::span(&found.label, 1);
}

std::vector<std::string> classes_to_train(const Source& source) {
  std::set<std::string> classes;
  for (const Found& found : source.found)
    if (found.part == Part::train)
      for (const std::string& name : names_on(source, found)) classes.insert(name);
  if (!source.empty_classes.empty())
    throw data_error(source.name, fmt::format("class {} has no images, expected {} files", source.empty_classes[0], image::format_names()),
                     "add images or remove the folder");
  if (classes.empty()) throw data_error(source.name, "nothing to train on, expected rows with split 'train'");
  if (classes.size() == 1)
    throw data_error(source.name, "only one class, '" + *classes.begin() + "', expected two or more", "add images of another class");
  return {classes.begin(), classes.end()};
}

bool has_part(const Source& source, Part part) {
  return std::ranges::any_of(source.found, [&](const Found& found) { return found.part == part; });
}

/// The samples of one part. `owner` says for the error whose classes these are: "train", "the model".
std::vector<Sample> samples_of(const Source& source, Part part, std::span<const std::string> classes, std::string_view owner) {
  std::unordered_map<std::string_view, int> label_of;
  for (std::size_t i = 0; i < classes.size(); ++i) label_of.emplace(classes[i], static_cast<int>(i));
  std::vector<Sample> samples;
  const auto label_named = [&](const Found& found, const std::string& name) {
    const auto known = label_of.find(name);
    if (known != label_of.end()) return known->second;
    const auto near = closest(name, classes);
    throw data_error(source.where(found), fmt::format("class '{}' is not a class of {} ({})", name, owner, first_few(classes)),
                     near ? "did you mean '" + *near + "'?" : "");
  };
  for (const Found& found : source.found) {
    if (found.part != part) continue;
    Sample& sample = samples.emplace_back(Sample{.path = found.path, .label = -1});
    if (!source.multi_label) sample.label = label_named(found, found.label);
    for (const std::string& name : found.labels) sample.labels.push_back(label_named(found, name));
    std::ranges::sort(sample.labels);
  }
  std::ranges::sort(samples, {}, [](const Sample& sample) { return std::tie(sample.label, sample.path.native()); });
  return samples;
}

void refuse_small_classes(const Source& source, const Splits& splits) {
  const std::vector<std::size_t> counts = images_per_class(splits.train, splits.classes.size());
  std::vector<std::string> small;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] == 1) small.push_back(splits.classes[i]);
  if (small.empty()) return;
  throw data_error(source.name,
                   fmt::format("{} {} {} 1 image{}, need 2 to split", small.size() == 1 ? "class" : "classes", first_few(small),
                               small.size() == 1 ? "has" : "have", small.size() == 1 ? "" : " each"),
                   "add images or give --val");
}

void refuse_few_for_folds(const Source& source, const Splits& splits, int folds) {
  const std::vector<std::size_t> counts = images_per_class(splits.train, splits.classes.size());
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] < static_cast<std::size_t>(folds))
      throw data_error(source.name,
                       fmt::format("class '{}' has {} images, expected at least {}, one for each fold", splits.classes[i], counts[i], folds),
                       "use fewer folds or add images");
}

void cut_val(const Source& source, Splits& splits, const SplitOptions& options) {
  if (options.folds > 0) refuse_few_for_folds(source, splits, options.folds);
  else refuse_small_classes(source, splits);
  std::vector<std::string> names;
  for (const Sample& sample : splits.train) names.push_back(name_under(source.root, sample.path));
  const std::vector<bool> val = choose_val(names, splits.train, static_cast<int>(splits.classes.size()), options);
  std::vector<Sample> kept;
  for (std::size_t i = 0; i < splits.train.size(); ++i) (val[i] ? splits.val : kept).push_back(std::move(splits.train[i]));
  splits.train = std::move(kept);
  splits.split_by_us = true;
}

void note_missing_in_val(Splits& splits) {
  const std::vector<std::size_t> images = images_per_class(splits.val, splits.classes.size());
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < images.size(); ++i)
    if (images[i] == 0) missing.push_back(splits.classes[i]);
  if (!missing.empty()) splits.notes.push_back("classes without an image in val: " + first_few(missing));
}

/// The samples to measure on: of `part` ("" as in open_labelled), never none.
std::vector<Sample> measured(const Source& source, std::string_view part, std::span<const std::string> classes, std::string_view owner) {
  const auto wanted = part.empty() ? (has_part(source, Part::val) ? Part::val : Part::train) : part_named(part);
  if (!wanted) throw usage_error("part", "'" + printable(part) + "', expected train, val or test");
  std::vector<Sample> samples = samples_of(source, *wanted, classes, owner);
  if (samples.empty()) throw data_error(source.name, part.empty() ? "holds no images" : fmt::format("holds no images for {}", to_string(*wanted)));
  return samples;
}

void add_images(const fs::path& input, std::vector<fs::path>& images) {
  const fs::path path = existing(input);
  if (!fs::is_directory(path)) {
    images.push_back(path);
    return;
  }
  Listing found = scan_images(path);
  if (found.images.empty()) {
    const std::string kinds = found.left_out.kinds();
    throw data_error(printable(path.string()),
                     fmt::format("holds no images{}, expected {} files", kinds.empty() ? "" : " (" + kinds + " ignored)", image::format_names()));
  }
  std::ranges::move(found.images, std::back_inserter(images));
}

}  // namespace

bool has(const Sample& sample, int label) { return sample.label == label || std::ranges::binary_search(sample.labels, label); }

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

std::vector<bool> choose_val(std::span<const std::string> names, std::span<const Sample> samples, int classes, const SplitOptions& options) {
  const std::vector<int> labels = labels_of(samples);
  const bool several = !samples.empty() && samples.front().label < 0;
  if (!several && options.folds == 0) return choose_val(names, labels, classes, options.val_fraction, options.seed);
  std::vector<int> parts;
  if (several) {
    std::vector<std::vector<int>> of_samples;
    for (const Sample& sample : samples) of_samples.push_back(sample.labels);
    std::vector<double> shares{options.val_fraction, 1 - options.val_fraction};
    if (options.folds > 0) shares.assign(static_cast<std::size_t>(options.folds), 1.0 / options.folds);
    parts = stratify(names, of_samples, shares, options.seed);
  } else {
    parts = choose_folds(names, labels, classes, options.folds, options.seed);
  }
  std::vector<bool> val;
  for (const int part : parts) val.push_back(part + 1 == (options.folds > 0 ? options.fold : 1));
  return val;
}

std::vector<float> targets_of(std::span<const Sample> samples, std::size_t classes) {
  if (samples.empty() || samples.front().label >= 0) return {};
  std::vector<float> targets(samples.size() * classes);
  for (std::size_t i = 0; i < samples.size(); ++i)
    for (const int label : samples[i].labels) targets[i * classes + static_cast<std::size_t>(label)] = 1;
  return targets;
}

std::vector<std::size_t> images_per_class(std::span<const Sample> samples, std::size_t classes) {
  std::vector<std::size_t> images(classes);
  for (const Sample& sample : samples) {
    if (sample.label >= 0) ++images[static_cast<std::size_t>(sample.label)];
    for (const int label : sample.labels) ++images[static_cast<std::size_t>(label)];
  }
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
  if (options.folds > 0 && !options.val.empty()) throw usage_error("--val", "leaves nothing to cut folds for", "leave --val or the folds away");
  const Source source = read_source(path);
  if (options.folds > 0 && has_part(source, Part::val))
    throw data_error(source.name, "has a val part of its own, which folds would replace", "leave the folds away, or give its train part alone");
  Splits splits;
  splits.classes = classes_to_train(source);
  splits.notes = source.notes;
  splits.multi_label = source.multi_label;
  splits.train = samples_of(source, Part::train, splits.classes, "train");
  splits.test = samples_of(source, Part::test, splits.classes, "train");
  if (!options.val.empty()) {
    Source given = read_source(options.val, splits.multi_label);
    if (given.multi_label != splits.multi_label)
      throw data_error(given.name, "its labels name several classes, those of the training images one each",
                       "write the labels of both in the same way");
    splits.val = measured(given, "", splits.classes, "train");
    std::ranges::move(given.notes, std::back_inserter(splits.notes));
    if (has_part(source, Part::val)) splits.notes.push_back("the val part of " + source.name + " is not used: another was given");
  } else if (has_part(source, Part::val)) {
    splits.val = samples_of(source, Part::val, splits.classes, "train");
  } else {
    cut_val(source, splits, options);
  }
  if (splits.multi_label) {
    check_both_sides(source, splits);
    splits.notes.push_back(describe(splits.train, splits.classes.size()));
  }
  note_missing_in_val(splits);
  return splits;
}

Dataset open_labelled(const fs::path& path, std::span<const std::string> classes, std::string_view part, bool multi_label) {
  const Source source = read_source(path, multi_label);
  if (source.multi_label && !multi_label)
    throw data_error(source.name, "its labels name several classes, the model answers with one", "give labels of one class each, or another model");
  return {{classes.begin(), classes.end()}, measured(source, part, classes, "the model"), source.notes};
}

std::vector<fs::path> list_images(std::span<const fs::path> inputs, std::istream& list) {
  std::vector<fs::path> images;
  for (const fs::path& input : inputs) {
    if (input != "-") {
      add_images(input, images);
      continue;
    }
    const std::string text{std::istreambuf_iterator<char>(list), {}};
    const bool by_nul = text.find('\0') != std::string::npos;
    for (std::string& line : split(text, by_nul ? '\0' : '\n')) {
      if (!by_nul && line.ends_with('\r')) line.pop_back();
      if (!line.empty()) add_images(line, images);
    }
  }
  return images;
}

}  // namespace graft::data
