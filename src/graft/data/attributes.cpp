#include "graft/data/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/columns.h"
#include "graft/data/photo_places.h"
#include "graft/data/scan.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

std::string header_of(const CsvRow& header, std::size_t column) { return printable(trim(header.fields[column])); }

std::size_t asked_column(const CsvRow& header, const std::string& name, const std::string& where, const char* option) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < header.fields.size(); ++i) {
    names.push_back(header_of(header, i));
    if (lower(names.back()) == lower(trim(name))) return i;
  }
  const auto near = closest(name, names);
  throw data_error(where, fmt::format("{}: no column '{}', there are {}", option, printable(name), first_few(names, 12)),
                   near ? "did you mean '" + *near + "'?" : "");
}

/// One reading of one table.
class Reader {
 public:
  Reader(const fs::path& file, const fs::path& dataset, std::span<const Sample> samples)
      : file_(file),
        name_(printable(existing(file).string())),
        rows_(read_rows(file, "of path and attributes")),
        places_(dataset),
        samples_(samples) {
    for (std::size_t i = 0; i < samples.size(); ++i) places_.add(samples[i].path, static_cast<std::ptrdiff_t>(i));
  }

  Attributes read(const std::vector<std::string>& asked, const std::optional<std::string>& path_column) {
    choose_columns(asked, path_column);
    cells_.assign(columns_.size(), std::vector<std::string>(samples_.size()));
    line_of_.assign(samples_.size(), 0);
    for (std::size_t i = 1; i < rows_.size(); ++i) read(rows_[i]);
    refuse_missing();
    Attributes found{.file = name_, .list = {}};
    for (std::size_t a = 0; a < columns_.size(); ++a) found.list.push_back(attribute(a));
    for (const Attribute& attribute : found.list)
      found.notes.push_back(fmt::format("{}: {} of {}: {}", name_, attribute.ranges ? "numbers, cut into ranges at their quartiles," : "groups",
                                        attribute.name, fmt::join(attribute.values, "; ")));
    if (elsewhere_ > 0)
      found.notes.push_back(fmt::format("{}: {} of its photos {} not among these, and left out", name_, elsewhere_, elsewhere_ == 1 ? "is" : "are"));
    return found;
  }

 private:
  void choose_columns(const std::vector<std::string>& asked, const std::optional<std::string>& path_column) {
    const CsvRow& header = rows_[0];
    const std::string where = fmt::format("{}:{}", name_, header.line);
    if (places_.is_file(file_.parent_path(), header.fields[0]))
      throw data_error(where, "a photo, expected a header that names path and attributes", "begin with a line such as path,sex,age");
    const auto named = columns_named(header, kPathNames);
    path_ = path_column ? asked_column(header, *path_column, where, "--path-column") : named.empty() ? 0 : named[0];
    for (const std::string& names : asked)
      for (const std::string& name : split(names, ',')) columns_.push_back(asked_column(header, name, where, "--attributes"));
    if (asked.empty())
      for (std::size_t i = 0; i < header.fields.size(); ++i)
        if (i != path_) columns_.push_back(i);
    if (columns_.empty()) throw data_error(where, "column count 1, expected path and at least one attribute", "for instance path,sex");
    std::set<std::string> names;
    for (const std::size_t column : columns_) {
      const std::string name = header_of(header, column);
      if (name.empty()) throw data_error(where, fmt::format("column {} has no name", column + 1), "name it in the header");
      if (!names.insert(name).second) throw data_error(where, fmt::format("column '{}' appears twice", name), "keep one");
    }
  }

  void read(const CsvRow& row) {
    const std::string where = fmt::format("{}:{}", name_, row.line);
    if (row.fields.size() != rows_[0].fields.size())
      throw data_error(where, fmt::format("column count {}, expected {}", row.fields.size(), rows_[0].fields.size()),
                       "put quotes around a field that contains the separator");
    const std::string& path = row.fields[path_];
    if (path.empty()) throw data_error(where, "empty path", "fill it in or remove the row");
    const auto place = places_.find(file_.parent_path(), path);
    if (!place) {
      if (!places_.is_file(file_.parent_path(), path))
        throw data_error(where, fmt::format("'{}' is not one of the photos", printable(path)), places_.near(path));
      ++elsewhere_;
      return;
    }
    const auto at = static_cast<std::size_t>(*place);
    if (line_of_[at] != 0)
      throw data_error(where, fmt::format("'{}' appears twice, also in line {}", printable(path), line_of_[at]), "keep one of the rows");
    line_of_[at] = row.line;
    for (std::size_t a = 0; a < columns_.size(); ++a) {
      cells_[a][at] = printable(trim(row.fields[columns_[a]]));
      if (cells_[a][at].empty())
        throw data_error(where, fmt::format("'{}' has no {}", printable(path), header_of(rows_[0], columns_[a])),
                         "fill it in, if necessary with a group of its own such as unknown");
    }
  }

  void refuse_missing() const {
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < samples_.size(); ++i)
      if (line_of_[i] == 0) missing.push_back(printable(samples_[i].path.filename().string()));
    if (!missing.empty())
      throw data_error(name_, fmt::format("{} of {} photos have no row: {}", missing.size(), samples_.size(), first_few(missing, 3)),
                       "add them, if necessary to a group of their own such as unknown");
  }

  Attribute attribute(std::size_t a) const {
    const std::string name = header_of(rows_[0], columns_[a]);
    const std::vector<std::string>& cells = cells_[a];
    const std::set<std::string> different(cells.begin(), cells.end());
    if (different.size() < 2)
      throw data_error(name_,
                       fmt::format("all {} photos have the same {}, '{}'; expected at least two groups", samples_.size(), name, *different.begin()),
                       "leave the column out: --attributes NAME,NAME names the columns to use");
    std::vector<double> numbers;
    for (const std::string& cell : cells)
      if (const auto number = number_in<double>(cell); number && std::isfinite(*number)) numbers.push_back(*number);
    const bool numeric = numbers.size() == cells.size();
    if (numeric && different.size() > kMostNumbers) return in_ranges(name, numbers);
    if (different.size() > kMostValues)
      throw data_error(name_, fmt::format("{} has {} different values, expected at most {} groups", name, different.size(), kMostValues),
                       "merge some of them, or leave the column out: --attributes NAME,NAME names the columns to use");
    Attribute found{.name = name, .values = {different.begin(), different.end()}, .of = {}};
    if (numeric) std::ranges::stable_sort(found.values, {}, [](const std::string& value) { return *number_in<double>(value); });
    for (const std::string& cell : cells) found.of.push_back(static_cast<int>(std::ranges::find(found.values, cell) - found.values.begin()));
    return found;
  }

  /// A number that is a quartile belongs to the range below it.
  static Attribute in_ranges(const std::string& name, const std::vector<double>& numbers) {
    std::vector<double> sorted = numbers, ends;
    std::ranges::sort(sorted);
    for (std::size_t quarter = 1; quarter < 4; ++quarter)
      if (const double end = sorted[(sorted.size() * quarter - 1) / 4]; (ends.empty() || end > ends.back()) && end < sorted.back())
        ends.push_back(end);
    if (ends.empty()) ends.push_back(*(std::ranges::lower_bound(sorted, sorted.back()) - 1));  // nearly all have the largest
    Attribute found{.name = name, .values = {}, .of = {}, .ranges = true};
    found.values.push_back(fmt::format("up to {:g}", ends[0]));
    for (std::size_t i = 1; i < ends.size(); ++i) found.values.push_back(fmt::format("above {:g} to {:g}", ends[i - 1], ends[i]));
    found.values.push_back(fmt::format("above {:g}", ends.back()));
    for (const double number : numbers) found.of.push_back(static_cast<int>(std::ranges::lower_bound(ends, number) - ends.begin()));
    return found;
  }

  fs::path file_;
  std::string name_;
  std::vector<CsvRow> rows_;
  PhotoPlaces places_;
  std::span<const Sample> samples_;
  std::size_t path_ = 0, elsewhere_ = 0;
  std::vector<std::size_t> columns_;
  std::vector<std::vector<std::string>> cells_;  // by attribute, then sample
  std::vector<int> line_of_;                     // of each sample; 0: none yet
};

}  // namespace

void AttributeOptions::fields(FieldList& v) {
  v("groups", groups,
    "CSV or TSV of path,attribute,attribute...: what is known about the photos, such as the sex of a patient or the camera, to get all numbers by "
    "group. For photos that belong together, such as those of one patient, use --group-column",
    Placeholder{"FILE"}, DefaultText{"none"}, ByContent{});
  v("attributes", attributes, "columns of --groups to use; without --groups, columns of the data's own table", Placeholder{"NAME,NAME..."},
    DefaultText{"all"});
  v("group-size", group_size, "list groups of fewer photos, but do not compare them", between(2, 1e6));
}

Attributes read_attributes(const AttributeOptions& options, const fs::path& dataset, std::span<const Sample> samples,
                           const std::optional<std::string>& path_column) {
  std::error_code ignored;
  if (!options.groups && fs::is_directory(dataset, ignored))
    throw usage_error("--attributes", fmt::format("names columns of a table, but {} is a folder", printable(dataset.string())),
                      "give the table of the photos' attributes: --groups FILE");
  const fs::path file = options.groups.value_or(dataset);
  const bool own = fs::equivalent(file, dataset, ignored);
  if (own && options.attributes.empty())
    throw usage_error("--groups " + printable(file.string()), "is the photos' own table, which also contains the classes",
                      "say which of its columns are attributes: --attributes NAME,NAME");
  return Reader(file, dataset, samples).read(options.attributes, own ? path_column : std::nullopt);
}

Attribute of_samples(const Attribute& attribute, std::span<const std::size_t> which) {
  Attribute part{.name = attribute.name, .values = attribute.values, .of = {}, .ranges = attribute.ranges};
  for (const std::size_t i : which) part.of.push_back(attribute.of[i]);
  return part;
}

Attribute crossed(const Attribute& first, const Attribute& second) {
  std::map<std::pair<int, int>, int> place;
  for (std::size_t i = 0; i < first.of.size(); ++i) place[{first.of[i], second.of[i]}] = 0;
  Attribute both{.name = fmt::format("{} and {}", first.name, second.name), .values = {}, .of = {}};
  for (auto& [pair, at] : place) {
    at = static_cast<int>(both.values.size());
    both.values.push_back(
        fmt::format("{}, {}", first.values[static_cast<std::size_t>(pair.first)], second.values[static_cast<std::size_t>(pair.second)]));
  }
  for (std::size_t i = 0; i < first.of.size(); ++i) both.of.push_back(place.at({first.of[i], second.of[i]}));
  return both;
}

}  // namespace graft::data
