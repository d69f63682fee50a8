// Folders of class folders.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/multi_label.h"
#include "graft/data/scan.h"
#include "graft/data/source.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

/// The folders of a dataset that is already parted; empty when `top` holds class folders.
/// It is parted when train/ has folders of its own and stands beside val/ or test/, or alone: a class may well be called "train".
std::map<Part, fs::path> part_folders(const Listing& top, const std::string& name) {
  std::map<Part, fs::path> parts;
  for (const fs::path& folder : top.folders)
    if (const auto part = part_named(folder.filename().string()); part && !parts.emplace(*part, folder).second)
      throw data_error(name,
                       fmt::format("holds both '{}' and '{}'", printable(parts[*part].filename().string()), printable(folder.filename().string())),
                       "keep one of them");
  const bool alone = parts.size() == 1 && top.folders.size() > 1;
  return parts.contains(Part::train) && !alone && !list_folder(parts[Part::train]).folders.empty() ? parts : std::map<Part, fs::path>();
}

void add_outside(Source& source, const std::vector<fs::path>& images) {
  if (images.empty()) return;
  source.notes.push_back(
      fmt::format("images outside the class folders ignored: {}, first '{}'", images.size(), printable(name_under(source.root, images[0]))));
}

void add_classes(Source& source, const Listing& listing, Part part, LeftOut& left_out) {
  std::set<std::string> seen;
  for (const fs::path& folder : listing.folders) {
    std::string label = printable(folder.filename().string());
    if (!seen.insert(label).second)
      throw data_error(source.name, fmt::format("two class folders are both written '{}'", label), "rename one of them");
    Listing images = scan_images(folder);
    left_out.add(images.left_out);
    if (images.images.empty() && part == Part::train) {
      const std::string kinds = images.left_out.kinds();
      source.empty_classes.push_back(kinds.empty() ? fmt::format("'{}'", label) : fmt::format("'{}' ({} ignored)", label, kinds));
    }
    for (fs::path& path : images.images) source.found.push_back({std::move(path), label, part});
  }
  add_outside(source, listing.images);
  left_out.add(listing.left_out);
}

[[noreturn]] void refuse_without_classes(const std::string& name, const Listing& top) {
  const std::string kinds = top.left_out.kinds();
  const std::string found = !top.images.empty() ? fmt::format("holds {} images and no class folders", top.images.size())
                            : !kinds.empty()    ? "holds no class folders, only files: " + kinds
                                                : "is empty";
  throw data_error(name, found + ", expected a folder of images for each class",
                   "sort the images into folders named by class, or give a CSV of path,label");
}

}  // namespace

Source read_folder(const fs::path& folder) {
  Source source{.name = printable(folder.string()), .root = folder};
  const Listing top = list_folder(folder);
  if (top.folders.empty()) refuse_without_classes(source.name, top);
  LeftOut left_out;
  if (const auto parts = part_folders(top, source.name); parts.empty()) {
    add_classes(source, top, Part::train, left_out);
  } else {
    if (parts.size() == 1) source.root = parts.at(Part::train);  // so that PATH and PATH/train are cut into the same parts
    for (const auto& [part, inner] : parts) add_classes(source, list_folder(inner), part, left_out);
    add_outside(source, top.images);
    left_out.add(top.left_out);
    for (const fs::path& other : top.folders)
      if (const std::string inner = other.filename().string(); !part_named(inner))
        source.notes.push_back(fmt::format("folder ignored beside train: '{}'", printable(inner)));
  }
  std::ranges::move(left_out.notes(folder), std::back_inserter(source.notes));
  return source;
}

Source read_source(const fs::path& path, bool multi_label) {
  const fs::path clean = existing(path);
  if (fs::is_directory(clean)) {
    Source source = read_folder(clean);
    if (multi_label) take_labels_apart(source);
    return source;
  }
  const std::string extension = lower(clean.extension().string());
  if (extension == ".csv" || extension == ".tsv") return read_table(clean, multi_label);
  throw data_error(printable(clean.string()), "neither a folder nor a CSV or TSV file", "give a folder that holds a folder of images for each class");
}

}  // namespace graft::data
