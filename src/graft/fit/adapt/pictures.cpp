#include "graft/fit/adapt/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graft/base/error.h"
#include "graft/base/rng.h"
#include "graft/base/text.h"
#include "graft/data/loader.h"
#include "graft/image/png.h"

namespace graft::fit {

data::Preprocess picture_preprocess(int side) {
  return {.resize = side, .crop = side, .filter = image::Filter::bicubic, .mean = {0.5F, 0.5F, 0.5F}, .std = {0.5F, 0.5F, 0.5F}};
}

std::vector<uint8_t> to_bytes(std::span<const float> planes, int side) {
  const auto places = static_cast<std::size_t>(side * side);
  std::vector<uint8_t> bytes(planes.size());
  for (std::size_t place = 0; place < places; ++place)
    for (std::size_t c = 0; c < 3; ++c)
      bytes[place * 3 + c] = static_cast<uint8_t>(std::lround((std::clamp(planes[c * places + place], -1.F, 1.F) + 1) * 127.5F));
  return bytes;
}

Pictures load_pictures(const Job& job, const std::vector<data::Sample>& photos, int side, int smallest, const std::string& option) {
  Pictures pictures{photos.size(), side};
  std::vector<int> shorter(photos.size());
  const int threads = job.config.values.threads;
  data::Loader loader(data::paths_of(photos), picture_preprocess(side), {.threads = threads, .each = [&](std::size_t i, const image::Image& image) {
                                                                           shorter[i] = std::min(image.width, image.height);
                                                                         }});
  while (auto batch = loader.next()) {
    pictures.pixels.insert(pictures.pixels.end(), batch->pixels.begin(), batch->pixels.end());
    loader.recycle(std::move(*batch));
    check_interrupted();
  }
  if (!loader.unreadable().empty()) throw loader.unreadable().front().error;  // it could be read when its features were taken
  const auto first = std::ranges::find_if(shorter, [&](int pixels) { return pixels < smallest; });
  if (first == shorter.end()) return pictures;
  const auto small = std::ranges::count_if(shorter, [&](int pixels) { return pixels < smallest; });
  throw data_error(
      option,
      fmt::format("{} of its {} photos {} smaller than the {} pixels that are translated, such as {} of {}", small, photos.size(),
                  small == 1 ? "is" : "are", smallest, printable(photos[static_cast<std::size_t>(first - shorter.begin())].path.string()), *first),
      "choose a smaller --translate-size, or take them out");
}

train::Unlabelled cropped(const Pictures& pictures, int size, uint64_t seed) {
  return {pictures.count, [&pictures, size, seed](uint64_t pass, std::span<const std::size_t> which, std::span<float> out) {
            float* to = out.data();
            for (const std::size_t picture : which) {
              Rng rng(seed, pass * pictures.count + picture);
              const auto room = static_cast<uint64_t>(pictures.side - size + 1);
              const int top = static_cast<int>(rng.below(room)), left = static_cast<int>(rng.below(room));
              const bool mirrored = rng.uniform() < 0.5;
              const std::span<const uint8_t> from = pictures.at(picture);
              for (int y = 0; y < size; ++y)
                for (int x = 0; x < size; ++x) {
                  const int column = left + (mirrored ? size - 1 - x : x);
                  for (int c = 0; c < 3; ++c)
                    *to++ = static_cast<float>(from[static_cast<std::size_t>(((top + y) * pictures.side + column) * 3 + c)]) / 127.5F - 1;
                }
            }
          }};
}

std::string sheet_of(const std::vector<std::vector<uint8_t>>& pictures, int side, int columns) {
  constexpr int kGap = 4;
  const int rows = (static_cast<int>(pictures.size()) + columns - 1) / columns, width = columns * (side + kGap) - kGap,
            height = rows * (side + kGap) - kGap;
  std::vector<uint8_t> sheet(static_cast<std::size_t>(width * height * 3), 255);
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const int top = static_cast<int>(i) / columns * (side + kGap), left = static_cast<int>(i) % columns * (side + kGap);
    for (int y = 0; y < side; ++y) std::copy_n(pictures[i].begin() + y * side * 3, side * 3, sheet.begin() + ((top + y) * width + left) * 3);
  }
  return image::encode_png(sheet, width, height, 3);
}

}  // namespace graft::fit
