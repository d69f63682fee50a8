// COCO-style JSON that labels whole photos: {"images": [{"id", "file_name"}], "annotations": [{"image_id", "category_id"}],
// "categories": [{"id", "name"}]}; everything else in it is ignored. Format: https://cocodataset.org/#format-data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/files.h"

namespace graft::convert {

struct LabelledFile {
  std::string file_name;  // as the JSON has it
  int label;              // index into the classes
};

struct CocoLabels {
  std::vector<std::string> classes;  // names of the categories, sorted by their id
  std::vector<LabelledFile> files;   // in the order of the images
  std::size_t without = 0;           // images without an annotation, left out
  std::size_t ambiguous = 0;         // images with annotations of several categories, left out
};

/// Several annotations of one category count as one. Error (data) named `name` for what is not such JSON, fields that are missing or of another kind,
/// ids that are not there or twice, and images of several categories unless they are to be left out. Memory is that of ids and names, not of the JSON.
CocoLabels read_coco(Bytes json, const std::string& name, bool skip_ambiguous);

/// Whether bytes may begin a JSON object.
bool is_json(Bytes bytes);

}  // namespace graft::convert
