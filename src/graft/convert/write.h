// Pictures of a source as PNG files in class folders.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/convert/pictures.h"

namespace graft::convert {

/// What to keep: the classes by name (empty: all), and the first pictures of each class in each part, up to this number.
struct Choice {
  std::vector<std::string> only;
  std::optional<int> per_class;
};

/// For each of the collection's pictures, whether it is chosen. Error (usage) named --only for a name that is not a class.
std::vector<std::vector<bool>> choose(const Collection& collection, const Choice& choice);

/// FOLDER/PART/CLASS/00012.png (FOLDER/CLASS/... of a source without parts), numbered within the part as in the source. Holds a few MiB of pixels, or
/// two pictures where these are larger; encodes on the pool's threads. `advance` is told of every few pictures. Error, Interrupted: `folder` is half full.
void write_pictures(const Collection& collection, const std::vector<std::vector<bool>>& chosen, const std::filesystem::path& folder, ThreadPool& pool,
                    const std::function<void(std::size_t)>& advance);

}  // namespace graft::convert
