// Options that name files, where a file names them: a relative one is meant from the folder of that file (paths.h), on the command line from the
// current folder.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/config.h"

namespace graft {

/// A path, or a text that may be the name of an ONNX or a TOML file and is.
bool names_file(const Field& field);

/// An option that a file in `folder` gave: as the current folder sees it. Where there is nothing, but something by that name in the current folder,
/// that is taken: so earlier versions of graft wrote.
void take_path(const Field& field, const std::filesystem::path& folder);

/// take_path of all but those that `given` has from the command line.
void take_paths(const std::vector<Field>& fields, const Origins& given, const std::filesystem::path& folder);

/// The config as a file in `folder` must write it.
template <class Config>
Configured<Config> written_in(const std::filesystem::path& folder, Configured<Config> config);
void write_paths(const std::vector<Field>& fields, const std::filesystem::path& folder);

template <class Config>
Configured<Config> written_in(const std::filesystem::path& folder, Configured<Config> config) {
  write_paths(list_fields(config.values), folder);
  return config;
}

/// A text option as a line of TOML without its end: `data = "photos"`.
std::string toml_line(std::string_view name, std::string_view value);

/// What toml_text() wrote for `from`, as it must be in `to`.
std::string moved_toml(const std::vector<Field>& fields, std::string_view text, const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace graft
