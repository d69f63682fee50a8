// Labeled photos from a folder of class folders, one with train/, val/ and test/, or a CSV or TSV file. `fit`, `eval` and `predict` begin here.
//
// Files are candidates by their extension (scan.h); a file with other content is reported as unreadable
// when it is loaded (loader.h). Nothing is left out silently: `notes` has one sentence for each kind of
// file that was ignored. All errors are data errors whose subject is the folder, or "file:line" of a table.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/data/scan.h"
#include "graft/data/source_options.h"
#include "graft/data/task.h"

namespace graft::data {

struct Sample {
  std::filesystem::path path;
  int label;                     // index into the classes; -1: it can have any number of classes, which are in `labels`
  double weight = 1;             // how much it counts in training (sample_weights.h)
  std::vector<int> labels = {};  // ascending
  std::string group = {};        // photos of one group are never divided between training and validation (groups.h); empty: alone
  bool operator==(const Sample&) const = default;
};

/// Its class, or its classes.
std::span<const int> labels_on(const Sample& sample);
/// Whether the sample has this class.
bool has(const Sample& sample, int label);

std::vector<std::filesystem::path> paths_of(std::span<const Sample> samples);
std::vector<int> labels_of(std::span<const Sample> samples);
/// (samples, classes): 1 for each class of a sample that may have any number of them, else 0; empty where each has one.
std::vector<float> targets_of(const Task& task, std::span<const Sample> samples, std::size_t classes);
/// How many of the samples have each class.
std::vector<std::size_t> images_per_class(std::span<const Sample> samples, std::size_t classes);
/// With mean 1; empty if all weights are equal.
std::vector<double> weights_of(std::span<const Sample> samples);

struct Dataset {
  std::vector<std::string> classes;  // printable, sorted by bytes
  std::vector<Sample> samples;       // sorted by class (where each has one), then path
  std::vector<std::string> notes;
  std::string part;  // the part of the samples: "train", "val", "test"; "all" if the dataset has no parts
  Task task = {};
};

struct Splits {
  std::vector<std::string> classes;
  std::vector<Sample> train, val, test;  // each sorted by class (where each has one), then path
  Task task = {};                        // what their labels say
  bool split_by_us = false;              // val was cut from train by the seed
  std::vector<std::string> notes;
};

struct SplitOptions {
  double val_fraction = 0.2;  // in (0, 1), of each class (split.h)
  uint64_t seed = 0;
  int folds = 0, fold = 1;         // 0: none; else validate on part `fold`, from 1, of so many, in place of val_fraction (split.h)
  std::filesystem::path val = {};  // validate on this folder or table; empty: on the val part of the dataset, else on what is cut from train
  SourceOptions source = {};
};

/// What `graft fit PATH` trains on; multi-label if a label of its table names several classes. Our own split does not depend on where
/// the dataset is stored. Errors: no such folder, empty, a single class, a class without an image, a class too small to split, a class
/// in val or test that train lacks, one that every image has, a folder that cannot be listed, and all that a table can have wrong.
Splits open_splits(const std::filesystem::path& path, const SplitOptions& options = {});

/// All photos that PATH labels, in its own parts, for checking them: nothing is held out, and a class that is missing
/// in a part, or the only one, is not an error. `val`: validation photos in another place, "" for none; they replace
/// PATH's val part. Errors: no such folder, no class folders, no images, and all that a table can have wrong.
Splits open_parts(const std::filesystem::path& path, const SourceOptions& options = {}, const std::filesystem::path& val = {});

/// For each sample whether open_splits would validate on it: as the choose_val and choose_folds of split.h, by stratify where a sample may have any
/// number of classes, by deal_units where samples have groups. names[i]: its path inside the dataset.
std::vector<bool> choose_val(const Task& task, std::span<const std::string> names, std::span<const Sample> samples, int classes,
                             const SplitOptions& options);

struct LabelledOptions {
  std::string part = {};  // "train", "val" or "test"; "": val where there is one, else test, else train
  Task task = {};         // of the model
  SourceOptions source = {};
};

/// What `graft eval PATH` measures on, labeled by the `classes` of a model (returned unchanged). A dataset without
/// parts is all train. Error for a class that the model does not know, suggesting the nearest, or if nothing is found.
Dataset open_labelled(const std::filesystem::path& path, std::span<const std::string> classes, const LabelledOptions& options = {});

/// What `graft import PATH --label-from-name` turns into a table. Errors as open_splits.
struct NamedPhoto {
  std::filesystem::path path;
  std::string label, part;  // part: "" of a dataset that is not parted
};
std::vector<NamedPhoto> photos_named(const std::filesystem::path& path, const SourceOptions& options, std::vector<std::string>& notes);

/// Photos without labels, and what was left out of their folders.
struct ImageList {
  std::vector<std::filesystem::path> paths;
  LeftOut left_out = {};
  std::vector<std::string> notes = {};  // of it, one sentence each
};

/// The photos of `graft predict INPUTS...`, in order: files as they are given (any extension), the images
/// of folders (recursive, sorted by bytes), and for "-" a list of files and folders read from `list`, one
/// a line, or separated by NUL when it holds one. Error for a missing file or a folder without images.
ImageList list_images(std::span<const std::filesystem::path> inputs, std::istream& list);

}  // namespace graft::data
