#include "graft/cli/explain_targets.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostRows = 500;  // of one picture

fs::path whole(const fs::path& path) { return fs::absolute(path).lexically_normal(); }

/// The folder that all photos lie below.
fs::path common_folder(std::span<const fs::path> photos) {
  fs::path common = whole(photos.front()).parent_path();
  for (const fs::path& photo : photos) {
    const fs::path folder = whole(photo).parent_path();
    fs::path shared;
    for (auto a = common.begin(), b = folder.begin(); a != common.end() && b != folder.end() && *a == *b; ++a, ++b) shared /= *a;
    common = shared;
  }
  return common;
}

/// "ants/1" of ants/1.jpg; "ants/1.jpg" where there is an ants/1.png, too.
std::vector<fs::path> names_of(std::span<const fs::path> photos) {
  const fs::path common = common_folder(photos);
  std::vector<fs::path> names;
  std::map<fs::path, int> count;
  for (const fs::path& photo : photos) ++count[names.emplace_back(whole(photo).lexically_relative(common).replace_extension())];
  for (std::size_t i = 0; i < photos.size(); ++i)
    if (count[names[i]] > 1) names[i] = whole(photos[i]).lexically_relative(common);
  return names;
}

fs::path with_ending(const fs::path& path, const char* ending) { return path.parent_path() / (path.filename().string() + ending); }

void refuse_targets(const std::vector<fs::path>& targets, std::span<const fs::path> photos, bool force) {
  std::set<fs::path> inputs;
  for (const fs::path& photo : photos) inputs.insert(whole(photo));
  std::error_code code;
  for (const fs::path& target : targets) {
    const std::string name = printable(target.string());
    if (inputs.contains(whole(target))) throw data_error(name, "is one of the photos", "choose another --out");
    if (fs::is_directory(target, code)) throw data_error(name, "is a folder, expected a file or nothing", "choose another --out");
    if (!force && fs::exists(fs::symlink_status(target, code))) throw data_error(name, "already exists", "choose another --out or pass --force");
  }
}

}  // namespace

ExplainTargets explain_targets(const fs::path& out, std::span<const fs::path> photos, bool raw, bool force) {
  ExplainTargets targets;
  std::error_code code;
  if (lower(out.extension().string()) == ".png") {
    targets.one_picture = true;
    targets.pictures = {out};
    if (raw && photos.size() > 1) throw usage_error("--raw", "several photos have several maps", "give --out a folder: --out maps/");
    if (photos.size() > kMostRows)
      throw usage_error("--out " + printable(out.string()), fmt::format("{} photos in one picture, expected at most {}", photos.size(), kMostRows),
                        "give --out a folder: --out maps/");
    if (raw) targets.maps = {fs::path(out).replace_extension(".npy")};
  } else {
    if (fs::exists(out, code) && !fs::is_directory(out, code))
      throw data_error(printable(out.string()), "is a file, expected a folder, or a name that ends in .png", "choose another --out");
    for (const fs::path& name : names_of(photos)) {
      targets.pictures.push_back(with_ending(out / name, ".png"));
      if (raw) targets.maps.push_back(with_ending(out / name, ".npy"));
    }
  }
  std::vector<fs::path> all = targets.pictures;
  all.insert(all.end(), targets.maps.begin(), targets.maps.end());
  refuse_targets(all, photos, force);
  return targets;
}

}  // namespace graft::cli
