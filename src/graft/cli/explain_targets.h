// Which files `graft explain` writes.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace graft::cli {

struct ExplainTargets {
  bool one_picture = false;                     // of all photos, one below the other, in the first of `pictures`
  std::vector<std::filesystem::path> pictures;  // of each photo: .png
  std::vector<std::filesystem::path> maps;      // of each photo: .npy; none where they are not asked for
};

/// `out`: a name that ends in .png takes all photos; any other is a folder with a picture of each photo, named after it, in folders as they lie. Errors,
/// before the work: (usage) maps of several photos beside one picture, (data) what is there already, but with `force`; a photo is never replaced.
ExplainTargets explain_targets(const std::filesystem::path& out, std::span<const std::filesystem::path> photos, bool raw, bool force);

}  // namespace graft::cli
