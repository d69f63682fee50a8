// CSV and TSV files of path and label.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/data/columns.h"
#include "graft/data/csv.h"
#include "graft/data/multi_label.h"
#include "graft/data/scan.h"
#include "graft/data/source.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 5> kLabelNames = {"label", "class", "target", "category", "class_name"};
constexpr std::array<std::string_view, 1> kSplitNames = {"split"};

struct Columns {
  std::size_t path = 0, label = 1;
  std::optional<std::size_t> split;
  std::size_t count = 2;
  bool header = false;
};

Columns columns_of(const CsvRow& first, const Source& source) {
  const auto path = column_named(first, kPathNames), label = column_named(first, kLabelNames);
  if (path && label && !is_file(source.root / first.fields[0])) return {*path, *label, column_named(first, kSplitNames), first.fields.size(), true};
  if (first.fields.size() == 2) return {};
  throw data_error(fmt::format("{}:{}", source.name, first.line), fmt::format("column count {}, expected 2 (path,label)", first.fields.size()),
                   "for other columns begin with a header that names path and label");
}

Found read_row(const CsvRow& row, const Columns& columns, const Source& source) {
  const std::string where = fmt::format("{}:{}", source.name, row.line);
  if (row.fields.size() != columns.count)
    throw data_error(where, fmt::format("column count {}, expected {}", row.fields.size(), columns.count), "quote a field that holds the separator");
  const std::string& path = row.fields[columns.path];
  const std::string_view label = trim(row.fields[columns.label]);
  if (path.empty()) throw data_error(where, "empty path", "fill it in or remove the row");
  Found found{.path = source.root / fs::path(path).lexically_normal(), .label = printable(label), .line = row.line};
  if (columns.split) {
    const auto part = part_named(trim(row.fields[*columns.split]));
    if (!part) throw data_error(where, fmt::format("split '{}', expected train, val or test", printable(row.fields[*columns.split])));
    found.part = *part;
  }
  return found;
}

void check_files(const Source& source, bool header) {
  std::vector<const Found*> missing;
  for (const Found& found : source.found)
    if (!is_file(found.path)) missing.push_back(&found);
  if (missing.empty()) return;
  const Found& first = *missing[0];
  const fs::path name = name_under(source.root, first.path);
  std::error_code ignored;
  if (fs::is_directory(first.path, ignored))
    throw data_error(source.where(first), fmt::format("'{}' is a folder, expected an image file", printable(name.string())));
  std::string fact = fmt::format("no such file '{}'", printable(name.string())), hint;
  if (missing.size() > 1) fact += fmt::format(" (first of {} missing)", missing.size());
  if (const auto near = near_sibling(first.path)) hint = fmt::format("did you mean '{}'?", printable((name.parent_path() / *near).string()));
  else if (!header && &first == &source.found[0]) hint = "if this is a header, call its columns path and label";
  throw data_error(source.where(first), std::move(fact), std::move(hint));
}

/// Drops rows that say the same again; refuses those that say something else about the same image.
void drop_duplicates(Source& source) {
  std::unordered_map<std::string, std::size_t> row_of;
  std::vector<Found> kept;
  int dropped = 0, first_line = 0;
  for (Found& found : source.found) {
    const auto [at, fresh] = row_of.emplace(found.path.native(), kept.size());
    if (fresh) {
      kept.push_back(std::move(found));
      continue;
    }
    const Found& before = kept[at->second];
    const std::string name = printable(name_under(source.root, found.path));
    if (before.label != found.label)
      throw data_error(source.where(found), fmt::format("'{}' is '{}', but '{}' in line {}", name, found.label, before.label, before.line),
                       "keep one label");
    if (before.part != found.part)
      throw data_error(source.where(found),
                       fmt::format("'{}' is in {}, but in {} in line {}", name, to_string(found.part), to_string(before.part), before.line),
                       "keep it in one part");
    if (dropped++ == 0) first_line = found.line;
  }
  source.found = std::move(kept);
  if (dropped > 0) source.notes.push_back(fmt::format("duplicate rows dropped: {}, first in line {}", dropped, first_line));
}

}  // namespace

std::optional<std::size_t> column_named(const CsvRow& row, std::span<const std::string_view> names) {
  for (std::size_t i = 0; i < row.fields.size(); ++i)
    if (std::ranges::find(names, lower(trim(row.fields[i]))) != names.end()) return i;
  return std::nullopt;
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) && !fs::is_directory(path, ignored);
}

std::vector<CsvRow> read_rows(const fs::path& file, std::string_view kind) {
  const std::string name = printable(file.string());
  const std::vector<std::byte> bytes = read_file(file);
  std::vector<CsvRow> rows = parse_csv(as_text(bytes), csv_separator(as_text(bytes), name), name);
  if (rows.empty()) throw data_error(name, fmt::format("is empty, expected rows {}", kind));
  return rows;
}

const char* to_string(Part part) { return part == Part::train ? "train" : part == Part::val ? "val" : "test"; }

std::optional<Part> part_named(std::string_view name) {
  const std::string word = lower(name);
  if (word == "train") return Part::train;
  if (word == "val" || word == "valid" || word == "validation") return Part::val;
  if (word == "test") return Part::test;
  return std::nullopt;
}

Source read_table(const fs::path& file, bool multi_label) {
  Source source{.name = printable(file.string()), .root = file.parent_path()};
  const std::vector<CsvRow> rows = read_rows(file, "of path,label");
  const Columns columns = columns_of(rows[0], source);
  for (std::size_t i = columns.header ? 1 : 0; i < rows.size(); ++i) source.found.push_back(read_row(rows[i], columns, source));
  if (source.found.empty()) throw data_error(source.name, "has a header and no rows, expected rows of path,label");
  if (multi_label || names_several(source)) take_labels_apart(source);
  for (const Found& found : source.found)
    if (!source.multi_label && found.label.empty()) throw data_error(source.where(found), "empty label", "fill it in or remove the row");
  check_files(source, columns.header);
  drop_duplicates(source);
  return source;
}

std::vector<fs::path> read_paths(const fs::path& file) {
  Source source{.name = printable(file.string()), .root = file.parent_path()};
  const std::vector<CsvRow> rows = read_rows(file, "with a path");
  const auto column = column_named(rows[0], kPathNames);
  const bool header = column && !is_file(source.root / rows[0].fields[*column]);
  for (std::size_t i = header ? 1 : 0; i < rows.size(); ++i) {
    const std::string where = fmt::format("{}:{}", source.name, rows[i].line);
    if (rows[i].fields.size() != rows[0].fields.size())
      throw data_error(where, fmt::format("column count {}, expected {}", rows[i].fields.size(), rows[0].fields.size()),
                       "quote a field that holds the separator");
    const std::string& path = rows[i].fields[header ? *column : 0];
    if (path.empty()) throw data_error(where, "empty path", "fill it in or remove the row");
    source.found.push_back({.path = source.root / fs::path(path).lexically_normal(), .label = "", .line = rows[i].line});
  }
  if (source.found.empty()) throw data_error(source.name, "has a header and no rows, expected rows with a path");
  check_files(source, header);
  drop_duplicates(source);
  std::vector<fs::path> paths;
  for (Found& found : source.found) paths.push_back(std::move(found.path));
  return paths;
}

}  // namespace graft::data
