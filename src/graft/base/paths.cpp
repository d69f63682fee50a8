#include "graft/base/paths.h"

namespace graft {
namespace fs = std::filesystem;
namespace {

/// Whether a ".." stands behind a name, which may be a link that leads elsewhere.
bool turns_back(const fs::path& path) {
  bool named = false;
  for (const fs::path& part : path) {
    if (part == "..") {
      if (named) return true;
    } else if (part != "." && !part.empty()) {
      named = true;
    }
  }
  return false;
}

/// `base` has no links.
fs::path joined(const fs::path& base, const fs::path& path) {
  fs::path all = base / path;
  std::error_code code;
  if (turns_back(path)) all = fs::weakly_canonical(all.parent_path(), code) / all.filename();
  all = all.lexically_normal();
  return all.has_filename() ? all : all.parent_path();  // "photos/"
}

}  // namespace

PathsIn::PathsIn(const fs::path& folder) : here_(fs::current_path()) {
  std::error_code code;
  const fs::path all = joined(here_, folder.empty() ? "." : folder), found = fs::weakly_canonical(all, code);
  folder_ = code ? all : found;
}

fs::path PathsIn::name_of(const fs::path& path) const {
  if (path.empty() || path.is_absolute()) return path;
  return joined(here_, path).lexically_relative(folder_);
}

fs::path PathsIn::path_of(const fs::path& name) const {
  if (name.empty() || name.is_absolute()) return name;
  const fs::path found = joined(folder_, name), below = found.lexically_relative(here_);
  return *below.begin() == ".." ? found : below;
}

}  // namespace graft
