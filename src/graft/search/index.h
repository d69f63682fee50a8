// An index that `graft embed` writes and `graft search` reads: features of photos with what is needed to embed another photo the same way.
//
//   features.npy          (rows, width) float32, beside it features.npy.json
//   features.csv          path,f0,f1,..., beside it features.csv.json
//   features.safetensors  "features" (rows, width) float32; the same JSON in its metadata as "graft.index"
//
// The JSON: {"graft": version, "backbone": as models::find_network takes it, or an ONNX file from the folder of the index (then there is "network":
// {"tensor", "channels"}), "weights": {"file", "sha256"}, "preprocess": {...}, "precision", "mirror", "normalized", "rows", "width", "paths": [...]}.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/data/preprocess.h"
#include "graft/engine/engine.h"
#include "graft/search/table.h"

namespace graft::search {

enum class Format { npy, safetensors, csv };

/// By the extension; Error (usage) for an unknown one.
Format format_of(const std::filesystem::path& path);

/// How a network was taken from an ONNX file.
struct FileNetwork {
  std::string tensor;       // where it ends; empty: before its last layer
  bool blue_first = false;  // the file's pictures
};

struct IndexInfo {
  std::string backbone;  // a file, relative to the current folder
  std::string weights_file, weights_sha256;
  data::Preprocess preprocess;
  std::optional<FileNetwork> file_network = {};  // if the backbone is a file
  engine::Precision precision = engine::Precision::float32;
  bool mirror = false;             // each row is the mean over a photo and its mirror image
  bool normalized = false;         // each row has length 1
  std::vector<std::string> paths;  // printable; one a row
};

struct Index {
  std::string name;  // printable path
  IndexInfo info;
  Table table;
};

/// To be called before the work. Error (usage) if the file, or the JSON next to it, exists already; Error (data) if one is a folder, even with `force`.
void refuse_existing(const std::filesystem::path& path, bool force);

/// Writes the index so that nobody sees one of its files without the other, except between two renames. `values` is
/// (info.paths.size(), width). CSV is built in memory; the other formats need none. Error (data) if the disk is full and so on.
void write_index(const std::filesystem::path& path, const IndexInfo& info, std::span<const float> values, std::size_t width);

/// Values of .npy and .safetensors stay in the mapped file. Errors (data): the JSON is missing
/// or incomplete, rows and paths differ in number, or the bytes are damaged in any other way.
Index read_index(const std::filesystem::path& path);

}  // namespace graft::search
