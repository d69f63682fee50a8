// Small pictures of photos, inside of a page.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "graft/base/thread_pool.h"

namespace graft::report {

struct ThumbnailLimits {
  int side = 144;                 // of the longer side, pixels
  int quality = 72;               // of the JPEG
  std::size_t bytes = 1'900'000;  // of all of them as text; those that come last are left out
};

/// One photo: its name in the page, and its file.
struct Wanted {
  std::string name;
  std::filesystem::path file;
};

/// "data:image/jpeg;base64,..." by name, of those that can be read, the first ones first. They are decoded at a part of their size where the format can.
std::map<std::string, std::string> thumbnails(std::span<const Wanted> photos, ThreadPool& pool, const ThumbnailLimits& limits = {});

}  // namespace graft::report
