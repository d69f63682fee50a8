// The names of columns in tables, shared by all code that reads tables.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/data/csv.h"
#include "graft/data/source.h"

namespace graft::data {

/// Names of a column, each with a rank: the lowest rank wins.
struct ColumnName {
  std::string_view name;
  int rank;
};

inline constexpr std::array<ColumnName, 11> kPathNames = {{{"path", 0},
                                                           {"file", 1},
                                                           {"filename", 1},
                                                           {"file_name", 1},
                                                           {"filepath", 1},
                                                           {"file_path", 1},
                                                           {"image_path", 1},
                                                           {"img_path", 1},
                                                           {"image", 2},
                                                           {"image_name", 2},
                                                           {"img", 2}}};

/// The columns whose header is one of these names, in any case: those of the lowest rank, from left to right.
std::vector<std::size_t> columns_named(const CsvRow& row, std::span<const ColumnName> names);

/// Whether the path exists and is not a folder.
bool is_file(const std::filesystem::path& path);

/// The rows of a file; `kind` says for the error of an empty one what they are: "of path,label". Errors (data) as of parse_csv.
std::vector<CsvRow> read_rows(const std::filesystem::path& file, std::string_view kind);

/// Which column of a row has what.
struct Columns {
  std::size_t path = 0, count = 2;
  std::optional<std::size_t> label = 1, split, group;  // no label: the photo's name tells the class
  std::string split_name = {};                         // of its header, in lower case
  bool group_found = false;                            // by its name, not because of an option
  bool header = false;
  std::string note = {};  // which columns were used and which not, if there is a header
};

/// The columns of a table of photos and classes. Error (data) "file:line: ..." if no column or several could
/// be meant, and for a requested column that does not exist; (usage) for options that exclude each other.
Columns columns_of(const std::vector<CsvRow>& rows, const Source& source, const SourceOptions& options);

/// The part that a field of the split column names: as part_named; of a column such as is_valid, true or false. Nothing where it is none of them.
std::optional<Part> part_in(const std::string& split_name, std::string_view field);

}  // namespace graft::data
