// What is known about each photo of a data set without a network: collected in one pass over the files, each read and decoded once.
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

/// Pixels per side of the small gray picture.
inline constexpr int kSmall = 32;
using SmallGrey = std::array<uint8_t, static_cast<std::size_t>(kSmall* kSmall)>;  // rows from the top

struct PhotoFacts {
  data::Sample sample;  // its path, classes and group
  data::Part part = data::Part::train;
  std::string name;  // its path relative to the data set, printable

  std::string unreadable = {};       // why; empty: it can be read. If not empty, everything below except `bytes` is 0 or empty
  uint64_t bytes = 0;                // of the file
  image::Details details = {};       // format, EXIF, quality
  bool mistyped = false;             // the format is not that of the extension
  int width = 0, height = 0;         // upright, pixels
  bool decoded = false;              // whether everything below is known (without decoding, only the hashes are)
  bool grey = false;                 // red, green and blue are the same in every pixel
  bool transparent = false;          // some pixel is
  std::array<float, 3> border = {};  // mean color of the outermost pixels, 0 to 255
  float deviation = 0;               // standard deviation of the pixels' luma, 0 to 255
  Hash128 file_hash = {};            // of the bytes
  Hash128 pixel_hash = {};           // of width, height and upright pixels; of the bytes if nothing was decoded
  SmallGrey small = {};              // the upright picture, stretched to a square, luma

  bool readable() const { return unreadable.empty(); }
};

/// The photos of all parts with the information in their names and tables: training, then validation, then test. `root`: what names are relative to.
std::vector<PhotoFacts> photos_of(const data::Splits& splits, const std::filesystem::path& root);

/// Fills in the rest from the files, on the threads of the pool; `advance` is called from many
/// threads. Files that cannot be decoded also get everything that does not depend on pixels.
void gather(std::vector<PhotoFacts>& photos, ThreadPool& pool, const std::function<void(std::size_t)>& advance = {});

/// The same without decoding: from the known hashes of the bytes, and the file headers. Only JPEG and PNG files get sizes.
void glance(std::vector<PhotoFacts>& photos, std::span<const Hash128> hashes, ThreadPool& pool);

}  // namespace graft::doctor
