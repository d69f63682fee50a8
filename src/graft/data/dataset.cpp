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
#include "graft/data/scan.h"
#include "graft/data/source.h"
#include "graft/data/split.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

std::vector<std::string> classes_to_train(const Source& source) {
  std::set<std::string> classes;
  for (const Found& found : source.found)
    if (found.part == Part::train) classes.insert(found.label);
  if (!source.empty_classes.empty())
    throw data_error(source.name, fmt::format("class {} has no images, expected JPEG, PNG, WebP or BMP files", source.empty_classes[0]),
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
  for (const Found& found : source.found) {
    if (found.part != part) continue;
    const auto known = label_of.find(found.label);
    if (known == label_of.end()) {
      const auto near = closest(found.label, classes);
      throw data_error(source.where(found), fmt::format("class '{}' is not a class of {} ({})", found.label, owner, first_few(classes)),
                       near ? "did you mean '" + *near + "'?" : "");
    }
    samples.push_back({found.path, known->second});
  }
  std::ranges::sort(samples, {}, [](const Sample& sample) { return std::tie(sample.label, sample.path.native()); });
  return samples;
}

void refuse_small_classes(const Source& source, const Splits& splits) {
  const std::vector<std::size_t> counts = class_counts(labels_of(splits.train), splits.classes.size());
  std::vector<std::string> small;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] == 1) small.push_back(splits.classes[i]);
  if (small.empty()) return;
  throw data_error(source.name,
                   fmt::format("{} {} {} 1 image{}, need 2 to split", small.size() == 1 ? "class" : "classes", first_few(small),
                               small.size() == 1 ? "has" : "have", small.size() == 1 ? "" : " each"),
                   "add images or give --val");
}

void cut_val(const Source& source, Splits& splits, const SplitOptions& options) {
  refuse_small_classes(source, splits);
  std::vector<std::string> names;
  for (const Sample& sample : splits.train) names.push_back(name_under(source.root, sample.path));
  const std::vector<bool> val =
      choose_val(names, labels_of(splits.train), static_cast<int>(splits.classes.size()), options.val_fraction, options.seed);
  std::vector<Sample> kept;
  for (std::size_t i = 0; i < splits.train.size(); ++i) (val[i] ? splits.val : kept).push_back(std::move(splits.train[i]));
  splits.train = std::move(kept);
  splits.split_by_us = true;
}

void note_missing_in_val(Splits& splits) {
  std::vector<bool> seen(splits.classes.size());
  for (const Sample& sample : splits.val) seen[static_cast<std::size_t>(sample.label)] = true;
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < seen.size(); ++i)
    if (!seen[i]) missing.push_back(splits.classes[i]);
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
                     "holds no images" + (kinds.empty() ? "" : " (" + kinds + " ignored)") + ", expected JPEG, PNG, WebP or BMP files");
  }
  std::ranges::move(found.images, std::back_inserter(images));
}

}  // namespace

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

Splits open_splits(const fs::path& path, const SplitOptions& options) {
  if (!(options.val_fraction > 0 && options.val_fraction < 1))
    throw usage_error("val_fraction", fmt::format("{} is out of range, expected more than 0 and less than 1", options.val_fraction));
  const Source source = read_source(path);
  Splits splits;
  splits.classes = classes_to_train(source);
  splits.notes = source.notes;
  splits.train = samples_of(source, Part::train, splits.classes, "train");
  splits.test = samples_of(source, Part::test, splits.classes, "train");
  if (!options.val.empty()) {
    Source given = read_source(options.val);
    splits.val = measured(given, "", splits.classes, "train");
    std::ranges::move(given.notes, std::back_inserter(splits.notes));
    if (has_part(source, Part::val)) splits.notes.push_back("the val part of " + source.name + " is not used: another was given");
  } else if (has_part(source, Part::val)) {
    splits.val = samples_of(source, Part::val, splits.classes, "train");
  } else {
    cut_val(source, splits, options);
  }
  note_missing_in_val(splits);
  return splits;
}

Dataset open_labelled(const fs::path& path, std::span<const std::string> classes, std::string_view part) {
  const Source source = read_source(path);
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
