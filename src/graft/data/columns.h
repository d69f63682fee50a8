// What tables call their columns: shared by those who read one.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "graft/data/csv.h"

namespace graft::data {

inline constexpr std::array<std::string_view, 9> kPathNames = {"path",      "file",  "filename",   "file_name", "filepath",
                                                               "file_path", "image", "image_path", "img"};

/// The column whose header is one of these names, in any case.
std::optional<std::size_t> column_named(const CsvRow& row, std::span<const std::string_view> names);

/// There, and no folder.
bool is_file(const std::filesystem::path& path);

/// The rows of a file; `kind` says for the error of an empty one what they are: "of path,label". Errors (data) as of parse_csv.
std::vector<CsvRow> read_rows(const std::filesystem::path& file, std::string_view kind);

}  // namespace graft::data
