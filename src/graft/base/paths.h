// Paths inside files: a relative one is meant from the folder of the file that names it, whatever the current folder is.
#pragma once

#include <filesystem>

namespace graft {

/// How the files of one folder, which need not be there yet, name others. Absolute paths stay as they are, and so do empty ones.
class PathsIn {
 public:
  explicit PathsIn(const std::filesystem::path& folder);

  /// How a file there names `path`, which is relative to the current folder.
  std::filesystem::path name_of(const std::filesystem::path& path) const;

  /// The other way round: relative to the current folder where it lies below that, else absolute.
  std::filesystem::path path_of(const std::filesystem::path& name) const;

 private:
  std::filesystem::path folder_, here_;  // without links
};

}  // namespace graft
