// Small datasets for the tests of this layer.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "error_text.h"
#include "folder.h"
#include "graft/data/dataset.h"
#include "graft/data/scan.h"

namespace graft::test {

inline void put(const std::filesystem::path& path, std::string_view content = "x") {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

/// Paths as seen from `root`.
template <class Paths>
std::vector<std::string> names_in(const std::filesystem::path& root, const Paths& paths) {
  std::vector<std::string> names;
  for (const std::filesystem::path& path : paths) names.push_back(data::name_under(root, path));
  return names;
}

/// "label:path" of samples.
inline std::vector<std::string> rows_in(const std::filesystem::path& root, const std::vector<data::Sample>& samples) {
  std::vector<std::string> rows;
  for (const data::Sample& sample : samples) rows.push_back(std::to_string(sample.label) + ":" + data::name_under(root, sample.path));
  return rows;
}

/// error_of with the folder's own name taken out, so that messages read as the user would see them from there.
template <class Call>
std::string error_in(const TestFolder& folder, Call&& call) {
  std::string text = error_of(call);
  const std::string prefix = folder.path().string() + "/";
  for (std::size_t at; (at = text.find(prefix)) != std::string::npos;) text.erase(at, prefix.size());
  return text;
}

/// Root may list everything; while this lives the process is nobody, if it was root.
class WithoutPrivileges {
 public:
  WithoutPrivileges() : was_root_(::geteuid() == 0) {
    if (was_root_ && ::seteuid(65534) != 0) throw std::runtime_error("cannot give up privileges");
  }
  ~WithoutPrivileges() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }
  WithoutPrivileges(const WithoutPrivileges&) = delete;
  WithoutPrivileges& operator=(const WithoutPrivileges&) = delete;

 private:
  bool was_root_;
};

}  // namespace graft::test
