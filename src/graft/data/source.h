// What a folder or a table says about photos, before labels become numbers. Other layers use dataset.h.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graft/data/scan.h"
#include "graft/data/source_options.h"
#include "graft/data/task.h"

namespace graft::data {

enum class Part { train, val, test };
const char* to_string(Part part);

/// The part that people mean by such a name of a folder or such a word in a table: train, training; val, valid, validation, dev; test, testing, eval,
/// evaluation; in any case, with words that only say what is in it (train_set, test-images, valid_data, trainset) or a number behind it (test1, val2017).
std::optional<Part> part_named(std::string_view name);

struct Found {
  std::filesystem::path path;
  std::string label;                     // printable; not empty but where there may be several
  Part part = Part::train;               // all, when the source does not say
  int line = 0;                          // of the table, 0 for folders
  std::string group = {};                // photos of one group are never divided; empty: alone
  std::vector<std::string> labels = {};  // of MultiLabel: the classes that `label` names, sorted (task_labels.h)
};

struct Source {
  std::string name;            // printable path of the folder or table, the subject of errors
  std::filesystem::path root;  // what the names of samples are relative to
  std::vector<Found> found = {};
  std::vector<std::string> empty_classes = {};  // class folders to train on without an image, with what they hold: "'dog' (3 .heic ignored)"
  std::vector<std::string> notes = {};
  std::string hint = {};      // where something with its classes is wrong: what may have been meant
  Task task = {};             // what the labels say
  bool parted = false;        // it says which part an image is in
  std::string groups = {};    // what tells the groups: "column 'patient'"; empty: nothing
  bool groups_found = false;  // by us, in a column of such a name: nobody asked for them

  /// The subject of an error about one image: the line of the table, or the folder.
  std::string where(const Found& image) const { return image.line == 0 ? name : name + ":" + std::to_string(image.line); }
};

/// The folders of the parts, by any of their names (part_named), and looked through where such a folder holds only another one that holds the classes;
/// empty where `top` holds class folders. Error (data) when it cannot be told, or, unless names tell the classes, `train` holds photos and no classes.
std::map<Part, std::filesystem::path> part_folders(const Listing& top, const std::filesystem::path& folder, bool classes_in_names);

/// PATH/CLASS/**/image, or PATH/{train,val,test}/CLASS/**/image; where the options find classes in names, PATH/**/image, or PATH/{train,val,test}/**/image.
/// Error (data) when it holds no class folders.
Source read_folder(const std::filesystem::path& folder, const SourceOptions& options = {});

/// A CSV or TSV file with the columns path and label, and perhaps parts and groups (columns.h). Paths are relative to its folder. Its task is the
/// one that is meant; MultiLabel in any case where a label names several classes. Errors (data) as "file:line: ...".
Source read_table(const std::filesystem::path& file, const SourceOptions& options = {}, const Task& meant = {});

/// The paths of a CSV or TSV file: its column of that name (path, file, image ...), else its first; relative to its folder, in the order of the
/// rows, each once. Errors (data) as of read_table.
std::vector<std::filesystem::path> read_paths(const std::filesystem::path& file);

/// Either of them. Where MultiLabel is meant a class folder's images have that one class. Error (data) when `path` is neither.
Source read_source(const std::filesystem::path& path, const SourceOptions& options = {}, const Task& meant = {});

}  // namespace graft::data
