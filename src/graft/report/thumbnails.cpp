#include "graft/report/thumbnails.h"

#include <algorithm>
#include <vector>

#include "graft/base/base64.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/image/decode.h"
#include "graft/image/jpeg_write.h"
#include "graft/image/resize.h"

namespace graft::report {
namespace {

/// Empty for a photo that is not there any more, or cannot be read: the page says so.
std::string of_file(const std::filesystem::path& file, const ThumbnailLimits& limits) try {
  const MappedFile mapped(file);
  return thumbnail(image::decode(mapped.bytes(), file.string(), {.enough = limits.side}), limits);
} catch (const Error&) {
  return "";
}

}  // namespace

std::string thumbnail(const image::Image& photo, const ThumbnailLimits& limits) {
  const auto text = [&](const image::Image& small) {
    return "data:image/jpeg;base64," + base64(as_bytes(image::encode_jpeg(small, limits.quality)));
  };
  const int longer = std::max(photo.width, photo.height);
  if (longer <= limits.side) return text(photo);
  const auto part = [&](int side) { return std::max(1, (side * limits.side + longer / 2) / longer); };
  return text(image::resize(photo, part(photo.width), part(photo.height), image::Filter::bilinear));
}

std::string whole_picture(const std::filesystem::path& file) {
  constexpr int kAnySide = 1 << 16, kQuality = 88;
  return of_file(file, {.side = kAnySide, .quality = kQuality});
}

Pictures thumbnails(std::span<const Wanted> photos, const Pictures& made, ThreadPool& pool, const ThumbnailLimits& limits) {
  std::vector<std::string> pictures(photos.size());
  pool.parallel_for(photos.size(), [&](std::size_t i) {
    const auto there = made.find(photos[i].name);
    pictures[i] = there == made.end() ? of_file(photos[i].file, limits) : there->second;
  });
  Pictures found;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    if (pictures[i].empty() || (bytes += pictures[i].size()) > limits.bytes) continue;
    found.emplace(photos[i].name, std::move(pictures[i]));
  }
  return found;
}

}  // namespace graft::report
