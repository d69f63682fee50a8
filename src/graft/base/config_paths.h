// Options that name files: in a file, a relative path is relative to the
// folder of that file (paths.h), on the command line to the current folder.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/config.h"

namespace graft {

/// Whether the option is a path, or a text that names an ONNX or a TOML file.
bool names_file(const Field& field);

/// Makes an option from a file in `folder` relative to the current folder. If nothing exists there, but something
/// of that name exists in the current folder, that is used, because earlier versions of graft wrote such paths.
void take_path(const Field& field, const std::filesystem::path& folder);

/// take_path for all options except those that `given` has from the command line.
void take_paths(const std::vector<Field>& fields, const Origins& given, const std::filesystem::path& folder);

/// The config as it must be written in a file in `folder`.
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

/// The text that toml_text() wrote for folder `from`, changed for folder `to`.
std::string moved_toml(const std::vector<Field>& fields, std::string_view text, const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace graft
