// image_pixels FOLDER SHORTER CROP bilinear|bicubic OUT: every JPEG below FOLDER, by sorted path, decoded (without EXIF turn), resized
// and cropped; the pixels go to OUT one image behind the other, the CPU seconds as JSON to stdout. For bench/image_parity.py.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include "graft/base/error.h"
#include "graft/image/decode.h"
#include "graft/image/resize.h"

namespace {

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

std::vector<std::filesystem::path> jpegs_below(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".jpg" || entry.path().extension() == ".jpeg") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

void run(char** argument) {
  const auto files = jpegs_below(argument[1]);
  const int shorter = std::atoi(argument[2]), crop = std::atoi(argument[3]);
  const auto filter = std::string_view(argument[4]) == "bicubic" ? graft::image::Filter::bicubic : graft::image::Filter::bilinear;
  std::ofstream out(argument[5], std::ios::binary);
  std::vector<uint8_t> pixels(static_cast<size_t>(crop) * static_cast<size_t>(crop) * 3);
  double decode = 0, resize = 0;
  for (const auto& file : files) {
    const auto bytes = graft::read_file(file);
    const double start = cpu_seconds();
    const graft::image::Image image = graft::image::decode(bytes, file.string(), {.exif = false});
    const double decoded = cpu_seconds();
    graft::image::resize_crop(image, shorter, crop, filter, pixels);
    resize += cpu_seconds() - decoded;
    decode += decoded - start;
    out.write(reinterpret_cast<const char*>(pixels.data()), static_cast<std::streamsize>(pixels.size()));
  }
  fmt::print("{{\"images\": {}, \"decode_seconds\": {:.4f}, \"resize_seconds\": {:.4f}}}\n", files.size(), decode, resize);
}

}  // namespace

int main(int count, char** argument) {
  if (count != 6) {
    fmt::print(stderr, "usage: image_pixels FOLDER SHORTER CROP bilinear|bicubic OUT\n");
    return 2;
  }
  try {
    run(argument);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
