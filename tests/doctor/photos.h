// Small pictures for the tests of this layer.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "bmp.h"
#include "folder.h"
#include "graft/base/rng.h"
#include "graft/image/image.h"
#include "graft/image/png.h"

namespace graft::doctor {

inline image::Image flat(int width, int height, uint8_t red, uint8_t green, uint8_t blue) {
  image::Image picture{width, height, {}};
  for (int i = 0; i < width * height; ++i) picture.pixels.insert(picture.pixels.end(), {red, green, blue});
  return picture;
}

inline image::Image noise(int width, int height, int number) {
  image::Image picture = flat(width, height, 0, 0, 0);
  Rng rng(static_cast<uint64_t>(number), 0);
  for (uint8_t& value : picture.pixels) value = static_cast<uint8_t>(256 * rng.uniform());
  return picture;
}

inline std::string png_of(const image::Image& picture) { return image::encode_png(picture); }
inline std::string bmp_of(const image::Image& picture) { return bmp(picture.pixels, picture.width, picture.height); }

inline void put_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

inline void put_photo(const std::filesystem::path& path, const image::Image& picture) { put_file(path, png_of(picture)); }

}  // namespace graft::doctor
