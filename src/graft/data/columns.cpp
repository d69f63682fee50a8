#include "graft/data/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

constexpr std::array<ColumnName, 7> kLabelNames = {
    {{"label", 0}, {"labels", 1}, {"class", 1}, {"target", 1}, {"category", 1}, {"class_name", 1}, {"class_label", 1}}};
constexpr std::array<ColumnName, 12> kSplitNames = {{{"split", 0},
                                                     {"set", 1},
                                                     {"subset", 1},
                                                     {"partition", 1},
                                                     {"part", 1},
                                                     {"phase", 1},
                                                     {"fold", 1},
                                                     {"is_valid", 1},
                                                     {"is_val", 1},
                                                     {"is_validation", 1},
                                                     {"is_test", 1},
                                                     {"data_split", 1}}};
constexpr std::array<ColumnName, 16> kGroupNames = {{{"group", 0},
                                                     {"group_id", 0},
                                                     {"groups", 0},
                                                     {"patient", 0},
                                                     {"patient_id", 0},
                                                     {"patientid", 0},
                                                     {"subject", 0},
                                                     {"subject_id", 0},
                                                     {"subjectid", 0},
                                                     {"participant", 0},
                                                     {"participant_id", 0},
                                                     {"lesion_id", 0},
                                                     {"video", 0},
                                                     {"video_id", 0},
                                                     {"plant_id", 0},
                                                     {"case_id", 0}}};

std::string written(const CsvRow& header, std::size_t column) { return "'" + printable(trim(header.fields[column])) + "'"; }

std::string written(const CsvRow& header, std::span<const std::size_t> columns) {
  std::string text;
  for (const std::size_t column : columns) text += (text.empty() ? "" : ", ") + written(header, column);
  return text;
}

class Finder {
 public:
  Finder(const std::vector<CsvRow>& rows, const Source& source, const SourceOptions& options)
      : rows_(rows), header_(rows[0]), source_(source), options_(options), where_(fmt::format("{}:{}", source.name, rows[0].line)) {}

  Columns find() {
    if (options_.label_column && options_.label_from_name)
      throw usage_error("--label-column", "cannot be combined with --label-from-name", "the class comes from one of them");
    if (!has_header()) return without_header();
    Columns columns{.path = path(), .count = header_.fields.size(), .header = true};
    columns.label = options_.label_from_name ? std::nullopt : std::optional(label());
    columns.split = split();
    if (columns.split) columns.split_name = lower(trim(header_.fields[*columns.split]));
    columns.group = group();
    columns.group_found = columns.group && !options_.group_column;
    columns.note = note(columns);
    return columns;
  }

 private:
  bool asked() const {
    return options_.path_column || options_.label_column || options_.split_column || (options_.group_column && *options_.group_column != "none");
  }

  bool has_header() const {
    if (asked()) return true;
    const bool names = !columns_named(header_, kPathNames).empty() && (options_.label_from_name || !columns_named(header_, kLabelNames).empty());
    return names && !is_file(source_.root / header_.fields[0]);
  }

  Columns without_header() const {
    if (options_.label_from_name) return {.count = header_.fields.size(), .label = std::nullopt};
    if (header_.fields.size() == 2) return {};
    throw data_error(where_, fmt::format("column count {}, expected 2 (path,label)", header_.fields.size()),
                     "for other columns begin with a header that names path and label, or say which they are: --path-column and --label-column");
  }

  std::size_t asked_for(const std::string& name, const char* option) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < header_.fields.size(); ++i) {
      names.push_back(printable(trim(header_.fields[i])));
      if (lower(trim(header_.fields[i])) == lower(trim(name))) return i;
    }
    const auto near = closest(name, names);
    throw data_error(where_, fmt::format("{}: no column '{}', there are {}", option, printable(name), first_few(names, 12)),
                     near ? "did you mean '" + *near + "'?" : "");
  }

  [[noreturn]] void refuse(const char* what, const char* option) const {
    throw data_error(where_, fmt::format("no column that is known to name the {}: {}", what, all_names()), fmt::format("name it: {} NAME", option));
  }
  [[noreturn]] void refuse_several(std::span<const std::size_t> found, const char* what, const char* option) const {
    throw data_error(where_, fmt::format("several columns could name the {}: {}", what, written(header_, found)),
                     fmt::format("say which: {} NAME", option));
  }
  std::string all_names() const {
    std::vector<std::string> names;
    for (const std::string& field : header_.fields) names.push_back(printable(trim(field)));
    return first_few(names, 12);
  }

  /// Of several of one rank the one that names a file in the first row.
  std::size_t path() const {
    if (options_.path_column) return asked_for(*options_.path_column, "--path-column");
    const std::vector<std::size_t> found = columns_named(header_, kPathNames);
    if (found.empty()) refuse("photos", "--path-column");
    if (found.size() == 1 || rows_.size() < 2) return found[0];
    std::vector<std::size_t> files;
    for (const std::size_t i : found)
      if (i < rows_[1].fields.size() && is_file(source_.root / rows_[1].fields[i])) files.push_back(i);
    if (files.size() == 1) return files[0];
    refuse_several(found, "photos", "--path-column");
  }

  std::size_t label() const {
    if (options_.label_column) return asked_for(*options_.label_column, "--label-column");
    const std::vector<std::size_t> found = columns_named(header_, kLabelNames);
    if (found.empty()) refuse("classes", "--label-column");
    if (found.size() > 1) refuse_several(found, "classes", "--label-column");
    return found[0];
  }

  bool names_parts(std::size_t column) const {
    const std::string name = lower(trim(header_.fields[column]));
    return rows_.size() > 1 && std::all_of(rows_.begin() + 1, rows_.end(),
                                           [&](const CsvRow& row) { return column >= row.fields.size() || part_in(name, row.fields[column]); });
  }

  std::optional<std::size_t> split() const {
    if (options_.split_column) return asked_for(*options_.split_column, "--split-column");
    std::vector<std::size_t> found = columns_named(header_, kSplitNames);
    if (found.size() == 1 && lower(trim(header_.fields[found[0]])) == "split") return found[0];
    std::erase_if(found, [&](std::size_t column) { return !names_parts(column); });
    if (found.size() > 1) refuse_several(found, "parts", "--split-column");
    return found.empty() ? std::nullopt : std::optional(found[0]);
  }

  std::optional<std::size_t> group() const {
    if (options_.group_from_name || options_.group_column == "none") return std::nullopt;
    if (options_.group_column) return asked_for(*options_.group_column, "--group-column");
    const std::vector<std::size_t> found = columns_named(header_, kGroupNames);
    if (found.size() > 1) refuse_several(found, "groups", "--group-column");
    return found.empty() ? std::nullopt : std::optional(found[0]);
  }

  std::string note(const Columns& columns) const {
    std::string text = "columns: photos from " + written(header_, columns.path);
    if (columns.label) text += ", classes from " + written(header_, *columns.label);
    if (columns.split) text += ", parts from " + written(header_, *columns.split);
    if (columns.group) text += ", groups from " + written(header_, *columns.group);
    std::vector<std::size_t> unused;
    for (std::size_t i = 0; i < columns.count; ++i)
      if (i != columns.path && columns.label != i && columns.split != i && columns.group != i) unused.push_back(i);
    return unused.empty() ? text : text + "; not used: " + written(header_, unused);
  }

  const std::vector<CsvRow>& rows_;
  const CsvRow& header_;
  const Source& source_;
  const SourceOptions& options_;
  std::string where_;
};

}  // namespace

std::vector<std::size_t> columns_named(const CsvRow& row, std::span<const ColumnName> names) {
  std::vector<std::size_t> found;
  int lowest = 0;
  for (std::size_t i = 0; i < row.fields.size(); ++i) {
    const auto known = std::ranges::find(names, lower(trim(row.fields[i])), &ColumnName::name);
    if (known == names.end() || (!found.empty() && known->rank > lowest)) continue;
    if (!found.empty() && known->rank < lowest) found.clear();
    lowest = known->rank;
    found.push_back(i);
  }
  return found;
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) && !fs::is_directory(path, ignored);
}

Columns columns_of(const std::vector<CsvRow>& rows, const Source& source, const SourceOptions& options) {
  return Finder(rows, source, options).find();
}

std::optional<Part> part_in(const std::string& split_name, std::string_view field) {
  if (const auto part = part_named(field)) return part;
  if (!split_name.starts_with("is_")) return std::nullopt;
  const auto named = part_named(std::string_view(split_name).substr(3));
  const std::string word = lower(trim(field));
  if (word == "false" || word == "0" || word == "0.0" || word == "no") return named == Part::train ? std::nullopt : std::optional(Part::train);
  if (word == "true" || word == "1" || word == "1.0" || word == "yes") return named;
  return std::nullopt;
}

}  // namespace graft::data
