#include "graft/data/photo_places.h"

#include "graft/base/text.h"
#include "graft/data/columns.h"
#include "graft/data/scan.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

fs::path whole(const fs::path& path) { return fs::absolute(path).lexically_normal(); }

}  // namespace

fs::path root_of(const fs::path& dataset) {
  std::error_code ignored;
  return fs::is_directory(dataset, ignored) ? dataset : dataset.parent_path();
}

void PhotoPlaces::add(const fs::path& photo, std::ptrdiff_t place, bool suggested) {
  of_.emplace(whole(photo).native(), place);
  if (suggested) names_.push_back(name_under(root_, photo));
}

std::optional<std::ptrdiff_t> PhotoPlaces::find(const fs::path& beside, const std::string& name) const {
  for (const fs::path& from : {beside, root_})
    if (const auto at = of_.find(whole(from / name).native()); at != of_.end()) return at->second;
  return std::nullopt;
}

bool PhotoPlaces::is_file(const fs::path& beside, const std::string& name) const {
  return data::is_file(beside / name) || data::is_file(root_ / name);
}

std::string PhotoPlaces::near(const std::string& name) const {
  const auto near = closest(name, names_);
  return near ? "did you mean '" + printable(*near) + "'?" : "";
}

}  // namespace graft::data
