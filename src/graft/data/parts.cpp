// What people call the parts of a dataset, and where its part folders are.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/source.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

// The words of Hugging Face's datasets.
constexpr std::array<std::pair<std::string_view, Part>, 10> kPartWords = {{{"train", Part::train},
                                                                           {"training", Part::train},
                                                                           {"val", Part::val},
                                                                           {"valid", Part::val},
                                                                           {"validation", Part::val},
                                                                           {"dev", Part::val},
                                                                           {"test", Part::test},
                                                                           {"testing", Part::test},
                                                                           {"eval", Part::test},
                                                                           {"evaluation", Part::test}}};
/// Words that say nothing of the part, nor of a class.
constexpr std::array<std::string_view, 15> kFillers = {"set",  "sets",   "split",   "part",  "data",   "dataset", "image",   "images",
                                                       "imgs", "folder", "folders", "photo", "photos", "picture", "pictures"};

bool is_filler(std::string_view word) { return std::ranges::find(kFillers, word) != kFillers.end(); }

std::optional<Part> part_word(std::string_view word) {
  const auto known = std::ranges::find(kPartWords, word, &std::pair<std::string_view, Part>::first);
  return known == kPartWords.end() ? std::nullopt : std::optional(known->second);
}

/// Inside one that holds nothing but another: training_set/training_set, test/images. Any name does for `train`, whose one folder could be no classes.
fs::path looked_through(const fs::path& folder, Part part) {
  const Listing outer = list_folder(folder);
  if (outer.folders.size() != 1 || !outer.images.empty()) return folder;
  const std::string name = lower(outer.folders[0].filename().string());
  const Listing inner = list_folder(outer.folders[0]);
  const bool by_name = part_named(name) == part || is_filler(name) || name == lower(folder.filename().string());
  const bool by_content = part == Part::train && inner.folders.size() > 1 && inner.images.empty();
  return !inner.folders.empty() && (by_name || by_content) ? outer.folders[0] : folder;
}

std::map<Part, fs::path> parts_by_name(const Listing& top, const std::string& name) {
  std::map<Part, fs::path> parts;
  for (const fs::path& folder : top.folders)
    if (const auto part = part_named(folder.filename().string()); part && !parts.emplace(*part, folder).second)
      throw data_error(name,
                       fmt::format("holds both '{}' and '{}'", printable(parts[*part].filename().string()), printable(folder.filename().string())),
                       "keep one of them");
  return parts;
}

[[noreturn]] void refuse_flat(const fs::path& train, const std::string& name, std::size_t images) {
  throw data_error(name,
                   fmt::format("'{}' holds {} photos and no class folders, expected {}/CLASS/image.jpg, CLASS/image.jpg or a CSV of path,label",
                               printable(train.filename().string()), images, printable(train.filename().string())),
                   "where the files' names begin with their class, as cat.0.jpg: --label-from-name '^([A-Za-z_]+)'");
}

/// A class may well be called "train": of a folder that has classes inside and stands beside others, only where one other at most holds images.
void refuse_doubt(const Listing& top, const fs::path& train, const std::string& name) {
  std::vector<std::string> others;
  for (const fs::path& folder : top.folders)
    if (folder != train && !scan_images(folder).images.empty()) others.push_back(printable(folder.filename().string()));
  if (others.size() < 2) return;
  const std::string written = printable(train.filename().string());
  throw data_error(name, fmt::format("cannot tell whether '{}' is a class like {}, or the part to train on", written, first_few(others)),
                   fmt::format("give {}/{} to train on the folders in it, or rename it", name, written));
}

}  // namespace

const char* to_string(Part part) { return part == Part::train ? "train" : part == Part::val ? "val" : "test"; }

std::optional<Part> part_named(std::string_view name) {
  std::string plain = lower(trim(name));
  while (!plain.empty() && plain.back() >= '0' && plain.back() <= '9') plain.pop_back();
  std::ranges::replace_if(
      plain, [](char c) { return c == '-' || c == ' ' || c == '.'; }, '_');
  std::optional<std::string> word;
  for (const std::string& part : split(plain, '_')) {
    if (part.empty() || is_filler(part)) continue;
    if (word) return std::nullopt;
    word = part;
  }
  if (!word) return std::nullopt;
  if (const auto part = part_word(*word)) return part;
  for (const std::string_view filler : kFillers)
    if (word->ends_with(filler))
      if (const auto part = part_word(std::string_view(*word).substr(0, word->size() - filler.size()))) return part;
  return std::nullopt;
}

std::map<Part, fs::path> part_folders(const Listing& top, const fs::path& folder, bool classes_in_names) {
  const std::string name = printable(folder.string());
  std::map<Part, fs::path> parts = parts_by_name(top, name);
  const bool nothing_else = parts.size() == top.folders.size();
  const auto train = parts.find(Part::train);
  if (classes_in_names) return train != parts.end() && (nothing_else || parts.size() > 1) ? parts : std::map<Part, fs::path>();
  if (train == parts.end()) {
    const bool all_parted = nothing_else && std::ranges::all_of(parts, [](const auto& part) { return !list_folder(part.second).folders.empty(); });
    if (!all_parted) return {};
  } else {
    const Listing inside = list_folder(train->second);
    if (inside.folders.empty()) {
      if ((parts.size() > 1 || nothing_else) && !inside.images.empty()) refuse_flat(train->second, name, inside.images.size());
      return {};
    }
    if (parts.size() == 1 && !nothing_else) {
      if (inside.folders.size() < 2) return {};
      refuse_doubt(top, train->second, name);
    }
  }
  for (auto& [part, path] : parts) path = looked_through(path, part);
  return parts;
}

}  // namespace graft::data
