#include "graft/explain/sheet.h"

#include <algorithm>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/image/decode.h"
#include "graft/image/resize.h"

namespace graft::explain {
namespace {

constexpr int kGap = 8, kBar = 8, kNearest = 3;  // pixels; training photos
constexpr std::array<uint8_t, 3> kInk{51, 65, 85}, kPaper{226, 232, 240};

image::Image blank(int width, int height) {
  return {width, height, std::vector<uint8_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, uint8_t{255})};
}

void put(image::Image& on, const image::Image& what, int x, int y) {
  for (int line = 0; line < what.height; ++line)
    std::copy_n(what.pixels.begin() + std::ptrdiff_t{line} * what.width * 3, std::ptrdiff_t{what.width} * 3,
                on.pixels.begin() + (std::ptrdiff_t{y + line} * on.width + x) * 3);
}

void fill(image::Image& on, const image::Box& box, const std::array<uint8_t, 3>& colour) {
  for (int y = box.y; y < box.y + box.height; ++y)
    for (int x = box.x; x < box.x + box.width; ++x) std::ranges::copy(colour, on.pixels.begin() + (std::ptrdiff_t{y} * on.width + x) * 3);
}

/// The middle of a photo, square; blank where it is not there any more or cannot be read.
image::Image thumbnail(const std::filesystem::path& file, int side) try {
  const MappedFile mapped(file);
  const image::Image photo = image::decode(mapped.bytes(), file.string(), {.enough = side});
  image::Image square = blank(side, side);
  image::resize_crop(photo, side, side, image::Filter::bilinear, square.pixels);
  return square;
} catch (const Error&) {
  return blank(side, side);
}

}  // namespace

ShownPhoto shown_photo(const image::Image& photo, const data::Preprocess& preprocess, int side) {
  const Window window = window_of(photo.width, photo.height, preprocess);
  const int longer = std::max(photo.width, photo.height);
  if (longer <= side) return {photo, window};
  const auto part = [&](int length) { return std::max(1, static_cast<int>((int64_t{length} * side + longer / 2) / longer)); };
  return {image::resize(photo, part(photo.width), part(photo.height), image::Filter::bilinear), window};
}

image::Image drawn(const SheetRow& row, int side, bool in_sheet) {
  const image::Image& photo = row.photo.picture;
  const int width = in_sheet ? side : photo.width, height = in_sheet ? side : std::max(photo.height, kNearest * 16);
  const int thumbnail_side = (height - (kNearest - 1) * kGap) / kNearest, columns = static_cast<int>(row.maps.size()) + 1;
  image::Image out = blank(kGap + columns * (width + kGap) + (row.nearest.empty() ? 0 : thumbnail_side + kGap), height + kBar + 3 * kGap);
  const auto cell = [&](int column, const image::Image& picture) {
    put(out, picture, kGap + column * (width + kGap) + (width - picture.width) / 2, kGap + (height - picture.height) / 2);
  };
  cell(0, outlined(photo, row.photo.window));
  float most = 0;
  for (const ClassMap& map : row.maps) most = std::max(most, *std::ranges::max_element(map.map.values));
  for (std::size_t i = 0; i < row.maps.size(); ++i) {
    const int column = static_cast<int>(i) + 1;
    cell(column, overlay(photo, row.maps[i].map, row.photo.window, most));
    image::Box bar{kGap + column * (width + kGap) + (width - photo.width) / 2, 2 * kGap + (height + photo.height) / 2, photo.width, kBar};
    fill(out, bar, kPaper);
    bar.width = static_cast<int>(std::lround(static_cast<double>(row.probabilities[i]) * bar.width));
    fill(out, bar, kInk);
  }
  for (std::size_t i = 0; i < std::min<std::size_t>(row.nearest.size(), kNearest); ++i)
    put(out, thumbnail(row.nearest[i], thumbnail_side), kGap + columns * (width + kGap), kGap + static_cast<int>(i) * (thumbnail_side + kGap));
  return out;
}

image::Image stacked(std::span<const image::Image> rows) {
  int width = 0, height = 0;
  for (const image::Image& row : rows) {
    width = std::max(width, row.width);
    height += row.height;
  }
  image::Image out = blank(width, height);
  int y = 0;
  for (const image::Image& row : rows) {
    put(out, row, 0, y);
    y += row.height;
  }
  return out;
}

}  // namespace graft::explain
