// What a folder or a table says about images, before labels become numbers. dataset.h is what other layers use.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace graft::data {

enum class Part { train, val, test };
const char* to_string(Part part);

/// "train", "val" (also "valid", "validation") or "test", in any case.
std::optional<Part> part_named(std::string_view name);

struct Found {
  std::filesystem::path path;
  std::string label;                     // printable; not empty but where there may be several
  Part part = Part::train;               // all, when the source does not say
  int line = 0;                          // of the table, 0 for folders
  std::vector<std::string> labels = {};  // of a multi-label source: the classes that `label` names, sorted (multi_label.h)
};

struct Source {
  std::string name;            // printable path of the folder or table, the subject of errors
  std::filesystem::path root;  // what the names of samples are relative to
  std::vector<Found> found = {};
  std::vector<std::string> empty_classes = {};  // class folders to train on without an image, with what they hold: "'dog' (3 .heic ignored)"
  std::vector<std::string> notes = {};
  bool multi_label = false;  // images have any number of classes

  /// The subject of an error about one image: the line of the table, or the folder.
  std::string where(const Found& image) const { return image.line == 0 ? name : name + ":" + std::to_string(image.line); }
};

/// PATH/CLASS/**/image, or PATH/{train,val,test}/CLASS/**/image. Error (data) when it holds no class folders.
Source read_folder(const std::filesystem::path& folder);

/// A CSV or TSV file with the columns path and label, and perhaps split. Paths are relative to its folder. It is multi-label where `multi_label` says so
/// or a label names several classes. Errors (data) as "file:line: ...".
Source read_table(const std::filesystem::path& file, bool multi_label = false);

/// The paths of a CSV or TSV file: its column of that name (path, file, image ...), else its first; relative to its folder, in the order of the
/// rows, each once. Errors (data) as of read_table.
std::vector<std::filesystem::path> read_paths(const std::filesystem::path& file);

/// Either of them. With `multi_label` a class folder's images have that one class. Error (data) when `path` is neither.
Source read_source(const std::filesystem::path& path, bool multi_label = false);

}  // namespace graft::data
