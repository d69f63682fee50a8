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
std::string thumbnail(const std::filesystem::path& file, const ThumbnailLimits& limits) try {
  const MappedFile mapped(file);
  image::Image image = image::decode(mapped.bytes(), file.string(), {.enough = limits.side});
  const int longer = std::max(image.width, image.height);
  if (longer > limits.side) {
    const auto part = [&](int side) { return std::max(1, (side * limits.side + longer / 2) / longer); };
    image = image::resize(image, part(image.width), part(image.height), image::Filter::bilinear);
  }
  return "data:image/jpeg;base64," + base64(as_bytes(image::encode_jpeg(image, limits.quality)));
} catch (const Error&) {
  return "";
}

}  // namespace

std::map<std::string, std::string> thumbnails(std::span<const Wanted> photos, ThreadPool& pool, const ThumbnailLimits& limits) {
  std::vector<std::string> made(photos.size());
  pool.parallel_for(photos.size(), [&](std::size_t i) { made[i] = thumbnail(photos[i].file, limits); });
  std::map<std::string, std::string> found;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    if (made[i].empty() || (bytes += made[i].size()) > limits.bytes) continue;
    found.emplace(photos[i].name, std::move(made[i]));
  }
  return found;
}

}  // namespace graft::report
