#include "graft/image/resize.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <memory>
#include <vector>

#include "graft/image/resample.h"
#include "graft/image/transform.h"
#include "graft/image/windows.h"

namespace graft::image {
namespace {

// Pixels in memory: `rows` rows, each `stride` bytes behind the one before, readable to `end`.
struct Plane {
  const uint8_t* start;
  size_t stride, rows;
  const uint8_t* end;

  const uint8_t* row(int y) const { return start + static_cast<size_t>(y) * stride; }
  size_t bytes_behind(int y) const { return static_cast<size_t>(end - row(y)); }
};

Plane plane_of(const Image& image, const Box& box) {
  const auto stride = static_cast<size_t>(image.width) * 3;
  return {image.pixels.data() + static_cast<size_t>(box.y) * stride + static_cast<size_t>(box.x) * 3, stride, static_cast<size_t>(box.height),
          image.pixels.data() + image.pixels.size()};
}

// The rows [begin, end) of the plane, resized across, to out.
void pass_across(const Plane& plane, int begin, int end, const Windows& windows, uint8_t* out, size_t out_stride) {
  if (windows.identity()) {
    const auto size = static_cast<size_t>(windows.count()) * 3;
    for (int y = begin; y < end; ++y) std::memcpy(out + static_cast<size_t>(y - begin) * out_stride, plane.row(y) + windows.from() * 3, size);
    return;
  }
  const Weights weights = windows.weights();
  // The resampler reads some bytes past a row; the rows at the end of the plane are moved to where it may.
  const size_t reach = static_cast<size_t>(windows.rightmost()) * 3 + reach_across(windows.taps());
  std::vector<uint8_t> padded;
  for (int y = begin; y < end; y += 4) {
    std::array<const uint8_t*, 4> in{};
    std::array<uint8_t*, 4> to{};
    for (int r = 0; r < 4; ++r) {
      const int row = std::min(y + r, end - 1);
      const auto slot = static_cast<size_t>(row - y) * reach;
      to[static_cast<size_t>(r)] = out + static_cast<size_t>(row - begin) * out_stride;
      in[static_cast<size_t>(r)] = plane.row(row);
      if (plane.bytes_behind(row) >= reach) continue;
      padded.resize(4 * reach);
      std::memcpy(padded.data() + slot, plane.row(row), plane.bytes_behind(row));
      in[static_cast<size_t>(r)] = padded.data() + slot;
    }
    resampler().across(in.data(), to.data(), weights);
  }
}

// `size` bytes a row; `plane` begins with row `first_row` of the image the windows speak of.
void pass_down(const Plane& plane, int first_row, size_t size, const Windows& windows, uint8_t* out, size_t out_stride) {
  const Weights weights = windows.weights();
  const int last = static_cast<int>(plane.rows) - 1;
  std::vector<const uint8_t*> rows(static_cast<size_t>(windows.taps()));
  for (int y = 0; y < windows.count(); ++y) {
    for (int k = 0; k < windows.taps(); ++k) rows[static_cast<size_t>(k)] = plane.row(std::min(windows.first(y) - first_row + k, last));
    resampler().down(rows.data(), out + static_cast<size_t>(y) * out_stride, size, weights, y);
  }
}

// The rounding between the passes makes their order visible. Pillow goes across first, since version 13 (its pull request 9549) down first
// when that shortens the image by more than twice what it narrows: a tall image that shrinks, or one that is squeezed.
bool goes_down_first(const Box& box, int64_t width, int64_t height) { return box.height - height > std::max<int64_t>(2 * (box.width - width), 0); }

// The windows are those of the box.
void resample(const Image& image, const Box& box, const Windows& across, const Windows& down, bool down_first, uint8_t* out, size_t out_stride) {
  const Plane pixels = plane_of(image, box);
  if (down.identity()) return pass_across(pixels, down.from(), down.from() + down.count(), across, out, out_stride);
  const auto size = static_cast<size_t>(across.count()) * 3;
  if (across.identity()) return pass_down({pixels.start + across.from() * 3, pixels.stride, pixels.rows, pixels.end}, 0, size, down, out, out_stride);
  if (down_first) {
    const auto stride = static_cast<size_t>(box.width) * 3, bytes = static_cast<size_t>(down.count()) * stride;
    const auto between = std::make_unique_for_overwrite<uint8_t[]>(bytes);
    pass_down(pixels, 0, stride, down, between.get(), stride);
    return pass_across({between.get(), stride, static_cast<size_t>(down.count()), between.get() + bytes}, 0, down.count(), across, out, out_stride);
  }
  const auto rows = static_cast<size_t>(down.end() - down.begin());
  const auto between = std::make_unique_for_overwrite<uint8_t[]>(rows * size);
  pass_across(pixels, down.begin(), down.end(), across, between.get(), size);
  pass_down({between.get(), size, rows, between.get() + rows * size}, down.begin(), size, down, out, out_stride);
}

struct Crop {
  int64_t from;        // of the resized axis
  int count, padding;  // kept pixels, zeros before them
};

// At an end, or torchvision's CenterCrop along one axis: the offset is rounded half to even, the padding down.
Crop placed(int64_t size, int crop, int at) {
  if (size > crop && at != 0) return {at < 0 ? 0 : size - crop, crop, 0};
  if (size <= crop) return {0, static_cast<int>(size), static_cast<int>(crop - size) / 2};
  const int64_t excess = size - crop, half = excess / 2;
  return {half + (excess % 2) * (half % 2), crop, 0};
}

}  // namespace

Extent covering(int width, int height, Size cover) {
  const bool upright = int64_t{width} * cover.height <= int64_t{height} * cover.width;
  return upright ? Extent{cover.width, int64_t{cover.width} * height / width} : Extent{int64_t{cover.height} * width / height, cover.height};
}

Image resize(const Image& image, int width, int height, Filter filter) {
  assert(image.width >= 1 && image.height >= 1 && width >= 1 && height >= 1);
  Image result{width, height, std::vector<uint8_t>(static_cast<size_t>(width) * static_cast<size_t>(height) * 3)};
  resize_part(image, {whole(image), width, height, 0, 0, width, height}, filter, result.pixels);
  return result;
}

void resize_crop(const Image& image, Size cover, Size crop, Filter filter, std::span<uint8_t> out, CropAt at) {
  assert(image.width >= 1 && image.height >= 1 && cover.shorter() >= 1 && crop.shorter() >= 1);
  const auto stride = static_cast<size_t>(crop.width) * 3;
  assert(out.size() == stride * static_cast<size_t>(crop.height));
  const auto [width, height] = covering(image.width, image.height, cover);
  const Crop x = placed(width, crop.width, at.across), y = placed(height, crop.height, at.down);
  if (x.count < crop.width || y.count < crop.height) std::ranges::fill(out, uint8_t{0});
  uint8_t* corner = out.data() + static_cast<size_t>(y.padding) * stride + static_cast<size_t>(x.padding) * 3;
  resample(image, whole(image), {image.width, width, x.from, x.count, filter}, {image.height, height, y.from, y.count, filter},
           goes_down_first(whole(image), width, height), corner, stride);
  if (at.mirrored) flip_horizontal(out, crop.width);
}

void resize_part(const Image& image, const Part& part, Filter filter, std::span<uint8_t> out) {
  const Box& box = part.box;
  assert(box.x >= 0 && box.y >= 0 && box.width >= 1 && box.height >= 1 && box.x <= image.width - box.width && box.y <= image.height - box.height);
  assert(part.x >= 0 && part.y >= 0 && part.columns >= 1 && part.rows >= 1 && part.x <= part.width - part.columns);
  assert(part.y <= part.height - part.rows && out.size() == static_cast<size_t>(part.columns) * static_cast<size_t>(part.rows) * 3);
  Windows across(box.width, part.width, part.x, part.columns, filter), down(box.height, part.height, part.y, part.rows, filter);
  if (part.mirrored) across.mirror();
  if (part.upside_down) down.mirror();
  resample(image, box, across, down, goes_down_first(box, part.width, part.height), out.data(), static_cast<size_t>(part.columns) * 3);
  // What is copied goes by no window.
  if (part.mirrored && across.identity()) flip_horizontal(out, part.columns);
  if (part.upside_down && down.identity()) flip_vertical(out, part.columns);
}

}  // namespace graft::image
