#include "graft/data/augment_grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/rng.h"
#include "graft/base/text.h"
#include "graft/image/decode.h"

namespace graft::data {
namespace {

using image::Image;

constexpr int kGap = 4;  // white pixels between two pictures

Image empty_grid(Size size, int columns, std::size_t rows) {
  const int64_t width = int64_t{size.width + kGap} * columns - kGap, height = int64_t{size.height + kGap} * static_cast<int64_t>(rows) - kGap;
  const int64_t most = image::DecodeOptions{}.max_pixels;
  if (width * height > most)
    throw usage_error(fmt::format("{} photos", with_commas(static_cast<long long>(rows))),
                      fmt::format("the picture would have {} pixels, expected at most {}", with_commas(width * height), with_commas(most)),
                      "give fewer photos, fewer --views or a smaller --size");
  return {static_cast<int>(width), static_cast<int>(height), std::vector<uint8_t>(static_cast<std::size_t>(width * height) * 3, 255)};
}

/// A grey picture is shown in three equal channels.
void place(Image& grid, const std::vector<uint8_t>& picture, const Preprocess& preprocess, int row, int column) {
  const Size size = preprocess.crop;
  const int channels = preprocess.channels(), left = column * (size.width + kGap), top = row * (size.height + kGap);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      const int64_t from = (int64_t{y} * size.width + x) * channels, to = (int64_t{top + y} * grid.width + left + x) * 3;
      for (int c = 0; c < 3; ++c) grid.pixels[static_cast<std::size_t>(to + c)] = picture[static_cast<std::size_t>(from + std::min(c, channels - 1))];
    }
}

}  // namespace

Image augment_grid(std::span<const std::filesystem::path> photos, const Augment& augment, const Preprocess& preprocess, int views, uint64_t seed,
                   ThreadPool& pool) {
  const image::DecodeOptions decoding = preprocess.decoding(enough_side(augment, preprocess));
  Image grid = empty_grid(preprocess.crop, views + 1, photos.size());
  pool.parallel_for(photos.size(), [&](std::size_t i) {
    const int row = static_cast<int>(i);
    const std::vector<std::byte> bytes = read_file(photos[i]);
    std::vector<uint8_t> picture(preprocess.row_bytes());
    preprocess(image::decode(bytes, photos[i].string(), preprocess.decoding()), picture);
    place(grid, picture, preprocess, row, 0);
    const Image photo = image::decode(bytes, photos[i].string(), decoding);
    for (int view = 0; view < views; ++view) {
      check_interrupted();
      Rng rng(seed, static_cast<uint64_t>(view) << 32 | i);
      data::augment(photo, augment, preprocess, rng, picture);
      place(grid, picture, preprocess, row, view + 1);
    }
  });
  return grid;
}

}  // namespace graft::data
