// Paths inside files: a relative path is relative to the folder of the file that names it, whatever the current folder is.
#pragma once

#include <filesystem>

namespace graft {

/// How the files of one folder, which need not exist yet, name other files. Absolute and empty paths stay unchanged.
class PathsIn {
 public:
  explicit PathsIn(const std::filesystem::path& folder);

  /// How a file there names `path`, which is relative to the current folder.
  std::filesystem::path name_of(const std::filesystem::path& path) const;

  /// The inverse: relative to the current folder if it is inside that, otherwise absolute.
  std::filesystem::path path_of(const std::filesystem::path& name) const;

 private:
  std::filesystem::path folder_, here_;  // without links
};

}  // namespace graft
