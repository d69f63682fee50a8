// CSV and TSV files of path and label.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/base/unicode.h"
#include "graft/data/columns.h"
#include "graft/data/csv.h"
#include "graft/data/name_pattern.h"
#include "graft/data/scan.h"
#include "graft/data/source.h"
#include "graft/data/task_labels.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

/// A class, part or group. Error (data) for a table in another encoding, in which its letters would become escapes.
std::string text_of(const std::string& field, const CsvRow& row, const Source& source) {
  if (is_utf8(field)) return nfc(printable(trim(field)));
  std::string readable = field;
  std::ranges::replace_if(
      readable, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  throw data_error(source.name, fmt::format("is not UTF-8 (line {}, '{}')", row.line, printable(readable)), "save it as UTF-8");
}

/// As it is written, or with Windows' separators where there is no such file.
fs::path photo_at(const std::string& path, const Source& source, std::size_t& turned) {
  const fs::path as_written = source.root / fs::path(path).lexically_normal();
  if (path.find('\\') == std::string::npos || is_file(as_written)) return as_written;
  std::string other = path;
  std::ranges::replace(other, '\\', '/');
  ++turned;
  return source.root / fs::path(other).lexically_normal();
}

class Rows {
 public:
  Rows(const Columns& columns, Source& source, const SourceOptions& options) : columns_(columns), source_(source) {
    if (options.label_from_name) label_.emplace(*options.label_from_name, "--label-from-name");
  }

  void read(const CsvRow& row) {
    const std::string where = fmt::format("{}:{}", source_.name, row.line);
    if (row.fields.size() != columns_.count)
      throw data_error(where, fmt::format("column count {}, expected {}", row.fields.size(), columns_.count),
                       "put quotes around a field that contains the separator");
    const std::string& path = row.fields[columns_.path];
    if (path.empty()) throw data_error(where, "empty path", "fill it in or remove the row");
    Found found{.path = photo_at(path, source_, turned_), .label = {}, .line = row.line};
    if (columns_.label) found.label = text_of(row.fields[*columns_.label], row, source_);
    else found.label = named(found.path, where);
    if (columns_.group) found.group = text_of(row.fields[*columns_.group], row, source_);
    if (columns_.split) {
      const std::string& field = row.fields[*columns_.split];
      const auto part = part_in(columns_.split_name, field);
      if (!part)
        throw data_error(where, fmt::format("{} '{}', expected train, val or test", printable(columns_.split_name), printable(field)),
                         columns_.split_name.starts_with("is_") ? "or true and false" : "");
      found.part = *part;
    }
    source_.found.push_back(std::move(found));
  }

  void note() const {
    if (turned_ > 0) source_.notes.push_back(fmt::format("paths with \\ between folders, as in Windows: {}, read as /", turned_));
  }

 private:
  std::string named(const fs::path& path, const std::string& where) const {
    auto label = (*label_)(source_.root, path);
    if (!label)
      throw data_error(where, fmt::format("--label-from-name finds no class in '{}'", printable(path.filename().string())), "correct the expression");
    return std::move(*label);
  }

  const Columns& columns_;
  Source& source_;
  std::optional<NamePattern> label_;
  std::size_t turned_ = 0;
};

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
  if (!is_utf8(first.path.string())) hint = "the table is not UTF-8: save it as UTF-8";
  else if (const auto near = near_sibling(first.path)) hint = fmt::format("did you mean '{}'?", printable((name.parent_path() / *near).string()));
  else if (!header && &first == &source.found[0])
    hint = "if this is a header, call its columns path and label, or say which they are: --path-column and --label-column";
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

std::vector<CsvRow> read_rows(const fs::path& file, std::string_view kind) {
  const std::string name = printable(file.string());
  const std::vector<std::byte> bytes = read_file(file);
  std::vector<CsvRow> rows = parse_csv(as_text(bytes), csv_separator(as_text(bytes), name), name);
  if (rows.empty()) throw data_error(name, fmt::format("is empty, expected rows {}", kind));
  return rows;
}

Source read_table(const fs::path& file, const SourceOptions& options, const Task& meant) {
  Source source{.name = printable(file.string()), .root = file.parent_path()};
  const std::vector<CsvRow> rows = read_rows(file, "of path,label");
  const Columns columns = columns_of(rows, source, options);
  if (!columns.note.empty()) source.notes.push_back(columns.note);
  source.parted = columns.split.has_value();
  if (columns.group) source.groups = "column '" + printable(trim(rows[0].fields[*columns.group])) + "'";
  source.groups_found = columns.group_found;
  Rows reader(columns, source, options);
  for (std::size_t i = columns.header ? 1 : 0; i < rows.size(); ++i) reader.read(rows[i]);
  reader.note();
  if (source.found.empty()) throw data_error(source.name, "has a header and no rows, expected rows of path,label");
  source.task = meant;
  if (columns.label) source.task = std::visit([&](const auto& task) { return task_of(task, source); }, meant);
  take_labels(source.task, source);
  check_files(source, columns.header);
  drop_duplicates(source);
  return source;
}

std::vector<fs::path> read_paths(const fs::path& file) {
  Source source{.name = printable(file.string()), .root = file.parent_path()};
  const std::vector<CsvRow> rows = read_rows(file, "with a path");
  const std::vector<std::size_t> named = columns_named(rows[0], kPathNames);
  const bool header = !named.empty() && !is_file(source.root / rows[0].fields[named[0]]);
  const std::size_t column = header ? named[0] : 0;
  std::size_t turned = 0;
  for (std::size_t i = header ? 1 : 0; i < rows.size(); ++i) {
    const std::string where = fmt::format("{}:{}", source.name, rows[i].line);
    if (rows[i].fields.size() != rows[0].fields.size())
      throw data_error(where, fmt::format("column count {}, expected {}", rows[i].fields.size(), rows[0].fields.size()),
                       "put quotes around a field that contains the separator");
    const std::string& path = rows[i].fields[column];
    if (path.empty()) throw data_error(where, "empty path", "fill it in or remove the row");
    source.found.push_back({.path = photo_at(path, source, turned), .label = "", .line = rows[i].line});
  }
  if (source.found.empty()) throw data_error(source.name, "has a header and no rows, expected rows with a path");
  check_files(source, header);
  drop_duplicates(source);
  std::vector<fs::path> paths;
  for (Found& found : source.found) paths.push_back(std::move(found.path));
  return paths;
}

}  // namespace graft::data
