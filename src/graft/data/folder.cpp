// Folders of class folders.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/base/unicode.h"
#include "graft/data/groups.h"
#include "graft/data/name_pattern.h"
#include "graft/data/scan.h"
#include "graft/data/source.h"
#include "graft/data/task_labels.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

void add_outside(Source& source, const std::vector<fs::path>& images) {
  if (images.empty()) return;
  source.notes.push_back(
      fmt::format("photos outside the class folders ignored: {}, first '{}'", images.size(), printable(name_under(source.root, images[0]))));
}

/// The class of a folder: of those whose names are one text in Unicode's normal form, as macOS and Linux write it, the same.
std::string class_of(Source& source, const fs::path& folder, std::map<std::string, std::string>& written) {
  const std::string name = printable(folder.filename().string());
  const std::string label = nfc(name);
  const auto [before, fresh] = written.emplace(label, name);
  if (fresh) return label;
  if (before->second == name) throw data_error(source.name, fmt::format("two class folders are both written '{}'", label), "rename one of them");
  source.notes.push_back(fmt::format("two class folders are one class, '{}', in different characters: {} and {}", label, code_points(before->second),
                                     code_points(name)));
  return label;
}

void add_classes(Source& source, const Listing& listing, Part part, LeftOut& left_out) {
  std::map<std::string, std::string> written;
  for (const fs::path& folder : listing.folders) {
    const std::string label = class_of(source, folder, written);
    Listing images = scan_images(folder);
    left_out.add(images.left_out);
    if (images.images.empty() && part == Part::train) {
      const std::string kinds = images.left_out.kinds();
      source.empty_classes.push_back(kinds.empty() ? fmt::format("'{}'", label) : fmt::format("'{}' ({} ignored)", label, kinds));
    }
    for (fs::path& path : images.images) source.found.push_back({.path = std::move(path), .label = label, .part = part});
  }
  add_outside(source, listing.images);
  left_out.add(listing.left_out);
}

/// All images of a part, whose names tell their classes.
void add_named(Source& source, const fs::path& folder, Part part, const NamePattern& pattern, LeftOut& left_out) {
  Listing images = scan_images(folder);
  left_out.add(images.left_out);
  std::vector<Found> found;
  std::vector<std::string> others;
  for (fs::path& path : images.images) {
    if (auto label = pattern(source.root, path)) found.push_back({.path = std::move(path), .label = std::move(*label), .part = part});
    else others.push_back(printable(name_under(source.root, path)));
  }
  if (!others.empty() && found.empty() && part != Part::train)
    source.notes.push_back(
        fmt::format("without a class that --label-from-name finds, left out: all {} photos for {}", others.size(), to_string(part)));
  else if (!others.empty())
    throw data_error(source.name,
                     fmt::format("{} of {} photos have names in which --label-from-name finds no class: {}", others.size(), images.images.size(),
                                 first_few(others, 3)),
                     "correct the expression, or move these photos elsewhere");
  std::ranges::move(found, std::back_inserter(source.found));
}

/// What was taken for a part, where it is called otherwise.
void note_parts(Source& source, const fs::path& folder, const std::map<Part, fs::path>& parts) {
  std::string text;
  bool otherwise = false;
  for (const auto& [part, path] : parts) {
    const std::string name = name_under(folder, path);
    otherwise = otherwise || lower(name) != to_string(part);
    text += fmt::format("{}{} '{}'", text.empty() ? "" : ", ", to_string(part), printable(name));
  }
  if (otherwise) source.notes.push_back("parts by the names of their folders: " + text);
}

/// A folder that holds one other, where the classes are.
std::string hint_of(const fs::path& folder, const Listing& top) {
  if (top.folders.size() != 1) return {};
  std::vector<std::string> inside;
  for (const fs::path& inner : list_folder(top.folders[0]).folders) inside.push_back(printable(inner.filename().string()));
  const std::string name = printable((folder / top.folders[0].filename()).string());
  return inside.empty() ? std::string()
                        : fmt::format("did you mean {}? it holds the folder{} {}", name, inside.size() == 1 ? "" : "s", first_few(inside, 3));
}

[[noreturn]] void refuse_without_classes(const std::string& name, const Listing& top) {
  const std::string kinds = top.left_out.kinds();
  const std::string found = !top.images.empty() ? fmt::format("holds {} photos and no class folders", top.images.size())
                            : !kinds.empty()    ? "holds no class folders, only files: " + kinds
                                                : "is empty";
  throw data_error(
      name, found + ", expected a folder of photos for each class",
      "sort the photos into folders named by class, give a CSV of path,label, or say where their names have the class: --label-from-name REGEX");
}

}  // namespace

Source read_folder(const fs::path& folder, const SourceOptions& options) {
  Source source{.name = printable(folder.string()), .root = folder};
  const Listing top = list_folder(folder);
  std::optional<NamePattern> pattern;
  if (options.label_from_name) pattern.emplace(*options.label_from_name, "--label-from-name");
  if (top.folders.empty() && !pattern) refuse_without_classes(source.name, top);
  LeftOut left_out;
  const auto parts = part_folders(top, folder, pattern.has_value());
  if (parts.empty()) {
    if (pattern) add_named(source, folder, Part::train, *pattern, left_out);
    else add_classes(source, top, Part::train, left_out);
    source.hint = hint_of(folder, top);
  } else {
    source.parted = true;
    note_parts(source, folder, parts);
    if (parts.size() == 1) source.root = parts.begin()->second;  // so that PATH and PATH/train are cut into the same parts
    for (const auto& [part, inner] : parts) {
      if (pattern) add_named(source, inner, part, *pattern, left_out);
      else add_classes(source, list_folder(inner), part, left_out);
    }
    add_outside(source, top.images);
    left_out.add(top.left_out);
    for (const fs::path& other : top.folders)
      if (const std::string inner = other.filename().string(); !part_named(inner))
        source.notes.push_back(fmt::format("folder ignored next to the parts: '{}'", printable(inner)));
  }
  std::ranges::move(left_out.notes(folder), std::back_inserter(source.notes));
  return source;
}

Source read_source(const fs::path& path, const SourceOptions& options, const Task& meant) {
  const fs::path clean = existing(path);
  const std::string extension = lower(clean.extension().string());
  const bool folder = fs::is_directory(clean);
  if (!folder && extension != ".csv" && extension != ".tsv")
    throw data_error(printable(clean.string()), "neither a folder nor a CSV or TSV file",
                     "give a folder that holds a folder of photos for each class");
  Source source = folder ? read_folder(clean, options) : read_table(clean, options, meant);
  if (folder) take_labels(source.task = meant, source);
  find_groups(source, options);
  return source;
}

}  // namespace graft::data
