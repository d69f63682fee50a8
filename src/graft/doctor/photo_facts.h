// What is known of each photo of a data set without asking a network: gathered in one pass over the files, each read and decoded once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/hash.h"
#include "graft/base/thread_pool.h"
#include "graft/data/dataset.h"
#include "graft/data/source.h"
#include "graft/image/details.h"
#include "graft/image/image.h"

namespace graft::doctor {

/// Pixels a side of the small grey picture.
inline constexpr int kSmall = 32;
using SmallGrey = std::array<uint8_t, static_cast<std::size_t>(kSmall* kSmall)>;  // rows from the top

struct PhotoFacts {
  data::Sample sample;  // its path, classes and group
  data::Part part = data::Part::train;
  std::string name;  // its path as seen from the data set, printable

  std::string unreadable = {};       // why; empty: it can be read. What follows is then 0 or empty, but for `bytes`
  uint64_t bytes = 0;                // of the file
  image::Details details = {};       // format, EXIF, quality
  bool mistyped = false;             // the format is not that of the extension
  int width = 0, height = 0;         // upright, pixels
  bool decoded = false;              // what follows is known, but for the hashes of a photo that was only glanced at
  bool grey = false;                 // red, green and blue are the same in every pixel
  bool transparent = false;          // some pixel is
  std::array<float, 3> border = {};  // mean colour of the outermost pixels, 0 to 255
  float deviation = 0;               // standard deviation of the pixels' luma, 0 to 255
  Hash128 file_hash = {};            // of the bytes
  Hash128 pixel_hash = {};           // of width, height and upright pixels; of the bytes where nothing was decoded
  SmallGrey small = {};              // the upright picture, stretched to a square, luma

  bool readable() const { return unreadable.empty(); }
};

/// The photos of all parts with what their names and tables say: training, then validation, then test. `root`: what names are relative to.
std::vector<PhotoFacts> photos_of(const data::Splits& splits, const std::filesystem::path& root);

/// Fills in the rest from the files, on the threads of the pool; `advance` is called from many threads. What does not depend on pixels is there of
/// files that cannot be decoded, too.
void gather(std::vector<PhotoFacts>& photos, ThreadPool& pool, const std::function<void(std::size_t)>& advance = {});

/// The same without decoding: from the hashes of the bytes, which are known, and the heads of the files. Sizes are those of JPEG and PNG files alone.
void glance(std::vector<PhotoFacts>& photos, std::span<const Hash128> hashes, ThreadPool& pool);

}  // namespace graft::doctor
