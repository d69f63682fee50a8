// Photos with their maps in a row, and rows under each other.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "graft/explain/explainer.h"
#include "graft/explain/overlay.h"

namespace graft::explain {

/// A photo made small, upright, and what the network sees of it.
struct ShownPhoto {
  image::Image picture;
  Window window;
};
/// At most `side` pixels wide and high; never larger than it is.
ShownPhoto shown_photo(const image::Image& photo, const data::Preprocess& preprocess, int side);

struct SheetRow {
  ShownPhoto photo;
  std::vector<ClassMap> maps;
  std::vector<float> probabilities;                 // of each map's class
  std::vector<std::filesystem::path> nearest = {};  // training photos; one that cannot be read leaves its place empty
};

/// The photo with a line around what the network sees; for each map the photo under it, on one scale for all of a row, and below it a bar as long as the
/// class is probable; the training photos in a column. Cells are as large as the photo, or, in a sheet, squares of `side` pixels.
image::Image drawn(const SheetRow& row, int side, bool in_sheet);

/// One under the other, on white.
image::Image stacked(std::span<const image::Image> rows);

}  // namespace graft::explain
