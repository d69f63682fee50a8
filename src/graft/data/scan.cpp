#include "graft/data/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <functional>
#include <set>
#include <system_error>
#include <utility>

#include <sys/stat.h>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/image/dicom.h"
#include "graft/image/format_table.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

using FileId = std::pair<dev_t, ino_t>;

constexpr std::array<std::string_view, 3> kDroppings = {"thumbs.db", "ehthumbs.db", "desktop.ini"};
// Of Synology, QNAP, Windows, Linux and macOS; hidden ones (.@__thumb, .AppleDouble, .Trash-1000) need no name here.
constexpr std::array<std::string_view, 14> kForeignFolders = {"@eadir",          "@tmp",       "#recycle",
                                                              "#snapshot",       "@recycle",   "@recently-snapshot",
                                                              "$recycle.bin",    "recycler",   "system volume information",
                                                              "found.000",       "lost+found", "network trash folder",
                                                              "temporary items", "__macosx"};

std::string extension(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string() : lower(name.substr(dot + 1));
}

bool is_foreign_folder(std::string_view name) {
  return name.starts_with('.') || std::ranges::find(kForeignFolders, lower(name)) != kForeignFolders.end();
}

bool is_uncounted(std::string_view name) { return name.starts_with('.') || std::ranges::find(kDroppings, lower(name)) != kDroppings.end(); }

/// "2 .txt, 1 .md", the most frequent first, at most five.
std::string counted(const std::map<std::string, std::size_t>& counts, const std::function<std::string(const std::string&)>& written) {
  constexpr std::size_t kMost = 5;
  std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (std::size_t i = 0; i < std::min(sorted.size(), kMost); ++i)
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", sorted[i].second, written(sorted[i].first));
  return sorted.size() > kMost ? text + " and others" : text;
}

bool before(const fs::path& a, const fs::path& b) { return a.native() < b.native(); }

std::optional<FileId> id_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileId(status.st_dev, status.st_ino);
}

/// The folders that hold `folder`, both as it is written and as it is once links are resolved.
std::set<FileId> holders(const fs::path& folder) {
  std::set<FileId> ids;
  std::error_code code;
  for (fs::path path : {fs::absolute(folder, code), fs::canonical(folder, code)})
    for (; path.has_relative_path(); path = path.parent_path())
      if (const auto id = id_of(path.parent_path())) ids.insert(*id);
  return ids;
}

void scan_into(const fs::path& folder, std::set<FileId>& entered, Listing& all) {
  check_interrupted();
  if (const auto id = id_of(folder); id && !entered.insert(*id).second) return;
  Listing here = list_folder(folder);
  std::ranges::move(here.images, std::back_inserter(all.images));
  all.left_out.add(here.left_out);
  for (const fs::path& inner : here.folders) scan_into(inner, entered, all);
}

}  // namespace

bool is_image(const fs::path& path) {
  const std::string name = path.filename().string(), kind = extension(name);
  if (is_image_name(name)) return true;
  if (!std::ranges::all_of(kind, [](char c) { return c >= '0' && c <= '9'; })) return false;
  std::array<char, 132> start{};
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), start.size());
  return image::begins_dicom({start.data(), static_cast<std::size_t>(file.gcount())});
}

bool is_image_name(std::string_view file_name) { return image::format_by_name(file_name) != nullptr; }

void LeftOut::add(const LeftOut& other) {
  for (const auto& [kind, count] : other.by_extension) by_extension[kind] += count;
  for (const auto& [name, count] : other.folders) folders[name] += count;
  dangling.insert(dangling.end(), other.dangling.begin(), other.dangling.end());
}

std::string LeftOut::kinds() const {
  return counted(by_extension, [](const std::string& kind) { return kind.empty() ? "without extension" : "." + printable(kind); });
}

std::size_t LeftOut::files() const {
  std::size_t files = 0;
  for (const auto& [kind, count] : by_extension) files += count;
  return files;
}

std::vector<std::string> LeftOut::notes(const fs::path& root) const {
  std::vector<std::string> notes;
  if (!by_extension.empty()) notes.push_back("files ignored, not images by name: " + kinds());
  if (!folders.empty())
    notes.push_back("system and hidden folders skipped: " + counted(folders, [](const std::string& name) { return "'" + printable(name) + "'"; }));
  if (!dangling.empty()) {
    const fs::path& first = *std::ranges::min_element(dangling, before);
    notes.push_back(fmt::format("links to nothing ignored: {}, first '{}'", dangling.size(), printable(name_under(root, first))));
  }
  return notes;
}

Listing list_folder(const fs::path& folder) {
  Listing listing;
  std::error_code code;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
    const fs::path& path = it->path();
    const std::string name = path.filename().string();
    std::error_code ignored;
    if (it->is_directory(ignored)) {
      if (is_foreign_folder(name)) ++listing.left_out.folders[name];
      else listing.folders.push_back(path);
      continue;
    }
    if (is_uncounted(name)) continue;
    const bool file = it->is_regular_file(ignored), nothing = !file && !it->exists(ignored);
    if (nothing ? is_image_name(name) : file && is_image(path)) listing.images.push_back(path);
    else if (nothing) listing.left_out.dangling.push_back(path);
    else ++listing.left_out.by_extension[extension(name)];
  }
  if (code) throw system_error(folder, "list", code.value());
  std::ranges::sort(listing.folders, before);
  std::ranges::sort(listing.images, before);
  return listing;
}

Listing scan_images(const fs::path& folder) {
  Listing all;
  std::set<FileId> entered = holders(folder);
  scan_into(folder, entered, all);
  std::ranges::sort(all.images, before);
  return all;
}

fs::path existing(const fs::path& path) {
  const fs::path clean = path.has_filename() || !path.has_relative_path() ? path : path.parent_path();
  struct stat status {};
  if (!clean.empty() && ::stat(clean.c_str(), &status) == 0) return clean;
  if (!clean.empty() && errno != ENOENT && errno != ENOTDIR) throw system_error(clean, "read", errno);
  const auto near = near_sibling(clean);
  throw data_error(printable(clean.string()), "no such file or folder",
                   near ? fmt::format("did you mean '{}'?", printable((clean.parent_path() / *near).string())) : "");
}

std::optional<std::string> near_sibling(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::vector<std::string> names;
  std::error_code code;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) names.push_back(it->path().filename().string());
  std::ranges::sort(names);
  return closest(path.filename().string(), names);
}

std::string name_under(const fs::path& root, const fs::path& path) {
  std::string prefix = root.native();
  if (!prefix.empty() && prefix.back() != '/') prefix += '/';
  return path.native().starts_with(prefix) ? path.native().substr(prefix.size()) : path.native();
}

}  // namespace graft::data
