// Small pictures of photos, inside of a page.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "graft/base/thread_pool.h"
#include "graft/image/image.h"

namespace graft::report {

struct ThumbnailLimits {
  int side = 144;                 // of the longer side, pixels
  int quality = 72;               // of the JPEG
  std::size_t bytes = 1'900'000;  // of all of them together as text; the last ones are left out if it is exceeded
};

/// One photo: its name in the page, and its file.
struct Wanted {
  std::string name;
  std::filesystem::path file;
};

/// Pictures as text, "data:image/jpeg;base64,...", by the photo's name in the page.
using Pictures = std::map<std::string, std::string>;

/// For a photo that is already decoded.
std::string thumbnail(const image::Image& photo, const ThumbnailLimits& limits = {});

/// The picture in a file at its own size; empty if it cannot be read.
std::string whole_picture(const std::filesystem::path& file);

/// Pictures of those that can be read, in order. Pictures in `made` are used as they are; other photos are decoded, at reduced size if the format allows.
Pictures thumbnails(std::span<const Wanted> photos, const Pictures& made, ThreadPool& pool, const ThumbnailLimits& limits = {});

}  // namespace graft::report
