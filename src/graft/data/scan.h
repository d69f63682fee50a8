// Listings of folders: which files are candidates for images, which are left out and why. Only names and kinds count, and nothing is opened
// but files without an extension.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace graft::data {

/// Whether its extension is in the table of formats (image/format_table.h), in any case. Whether the content agrees is seen when it is decoded.
bool is_image_name(std::string_view file_name);

/// The same for a file in a folder; one without an extension, or with digits as it (1.2.840.10008), counts when it is DICOM by its first bytes, since
/// clinics' files often have no other name.
bool is_image(const std::filesystem::path& path);

/// What a listing left out. Hidden files (leading dot) and those that desktops leave (Thumbs.db, desktop.ini) are not even counted.
struct LeftOut {
  std::map<std::string, std::size_t> by_extension;  // "txt" -> files; "" for names without one
  /// Folders that were not entered, by their name: hidden ones (.git, .Trash-1000), and what storage systems and desktops put between photos, which may
  /// hold thumbnails and thrown away photos (@eaDir, #recycle, $RECYCLE.BIN, lost+found, System Volume Information, __MACOSX ...).
  std::map<std::string, std::size_t> folders;
  std::vector<std::filesystem::path> dangling;  // links to nothing whose name is not an image's

  void add(const LeftOut& other);
  std::string kinds() const;  // "3 .txt, 1 without extension", at most five kinds; empty when there are none
  std::size_t files() const;  // of all kinds
  /// Sentences for a person, with paths relative to `root`; none when nothing was left out.
  std::vector<std::string> notes(const std::filesystem::path& root) const;
};

/// Full paths, sorted by bytes. Links are followed; one to nothing that is named like an image stays among the images,
/// so that it is reported with the unreadable ones.
struct Listing {
  std::vector<std::filesystem::path> folders, images;
  LeftOut left_out;
};

/// The direct children of a folder. Error (data) when it cannot be listed.
Listing list_folder(const std::filesystem::path& folder);

/// All images under a folder (`folders` stays empty). Every folder is entered once, known by device and inode, and none that holds `folder` itself:
/// loops of links end, and a link back to the dataset does not pull other classes in.
Listing scan_images(const std::filesystem::path& folder);

/// `path` without a trailing slash, checked: Error (data) "no such file or folder" with the nearest sibling's name as a hint.
std::filesystem::path existing(const std::filesystem::path& path);

/// The name in the same folder that `path` may be a slip of.
std::optional<std::string> near_sibling(const std::filesystem::path& path);

/// `path` as seen from `root`, byte by byte; `path` itself when it is not under it.
std::string name_under(const std::filesystem::path& root, const std::filesystem::path& path);

}  // namespace graft::data
