// A photo and its maps in a row, and rows below each other.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "graft/explain/explainer.h"
#include "graft/explain/overlay.h"

namespace graft::explain {

/// A photo made small and upright, and the part of it that the network sees.
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
  std::vector<std::filesystem::path> nearest = {};  // training photos; if one cannot be read, its cell stays empty
};

/// The photo with a frame around what the network sees; for each map the photo under it, all in the scale of the row, above a bar for the
/// probability of the class; the training photos in a column. Cells are as large as the photo or, in a sheet, squares of `side` pixels.
image::Image drawn(const SheetRow& row, int side, bool in_sheet);

/// One under the other, on white.
image::Image stacked(std::span<const image::Image> rows);

}  // namespace graft::explain
