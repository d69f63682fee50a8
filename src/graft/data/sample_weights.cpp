#include "graft/data/sample_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/columns.h"
#include "graft/data/photo_places.h"
#include "graft/data/scan.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

constexpr std::array<ColumnName, 3> kWeightNames = {{{"weight", 0}, {"sample_weight", 1}, {"importance", 2}}};

struct WeightColumns {
  std::size_t path = 0, weight = 1, count = 2;
  bool header = false;
};

WeightColumns columns_of(const CsvRow& first, const std::string& name) {
  const auto path = columns_named(first, kPathNames), weight = columns_named(first, kWeightNames);
  if (!path.empty() && !weight.empty()) return {path[0], weight[0], first.fields.size(), true};
  if (first.fields.size() == 2) return {};
  throw data_error(fmt::format("{}:{}", name, first.line), fmt::format("column count {}, expected 2 (path,weight)", first.fields.size()),
                   "for other columns begin with a header that names path and weight");
}

/// Those of all parts: a place in train, or -1.
PhotoPlaces places_of(const fs::path& dataset, const Splits& splits) {
  PhotoPlaces places(dataset);
  for (std::size_t i = 0; i < splits.train.size(); ++i) places.add(splits.train[i].path, static_cast<std::ptrdiff_t>(i));
  for (const auto* part : {&splits.val, &splits.test})
    for (const Sample& sample : *part) places.add(sample.path, -1, false);
  return places;
}

void refuse_weightless_classes(const std::string& name, const Splits& splits) {
  std::vector<double> sums(splits.classes.size());
  for (const Sample& sample : splits.train)
    for (const int label : labels_on(sample)) sums[static_cast<std::size_t>(label)] += sample.weight;
  for (std::size_t k = 0; k < sums.size(); ++k)
    if (sums[k] == 0)
      throw data_error(name, fmt::format("all training photos of class '{}' weigh 0", splits.classes[k]),
                       "give one of them a weight above 0, or leave the class out");
}

}  // namespace

std::vector<std::string> read_weights(const fs::path& file, const fs::path& dataset, Splits& splits) {
  const std::string name = printable(existing(file).string());
  const std::vector<CsvRow> rows = read_rows(file, "of path,weight");
  const WeightColumns columns = columns_of(rows[0], name);
  const PhotoPlaces places = places_of(dataset, splits);
  std::unordered_map<std::size_t, int> line_of;
  std::size_t elsewhere = 0;
  for (std::size_t i = columns.header ? 1 : 0; i < rows.size(); ++i) {
    const CsvRow& row = rows[i];
    const std::string where = fmt::format("{}:{}", name, row.line);
    if (row.fields.size() != columns.count)
      throw data_error(where, fmt::format("column count {}, expected {}", row.fields.size(), columns.count),
                       "put quotes around a field that contains the separator");
    const std::string &path = row.fields[columns.path], &text = row.fields[columns.weight];
    if (path.empty()) throw data_error(where, "empty path", "fill it in or remove the row");
    const auto weight = number_in<double>(trim(text));
    if (!weight || !std::isfinite(*weight) || *weight < 0)
      throw data_error(where, fmt::format("weight '{}', expected a number of at least 0", printable(text)),
                       i == 0 && !weight ? "if this is a header, call its columns path and weight" : "");
    const auto place = places.find(file.parent_path(), path);
    if (!place) throw data_error(where, fmt::format("'{}' is not a training photo", printable(path)), places.near(path));
    if (*place < 0) {
      ++elsewhere;
      continue;
    }
    const auto at = static_cast<std::size_t>(*place);
    const auto [before, fresh] = line_of.emplace(at, row.line);
    if (!fresh && splits.train[at].weight != *weight)
      throw data_error(where, fmt::format("'{}' weighs {:g}, but {:g} in line {}", printable(path), *weight, splits.train[at].weight, before->second),
                       "keep one weight");
    splits.train[at].weight = *weight;
  }
  refuse_weightless_classes(name, splits);
  std::vector<std::string> notes{fmt::format("{} of {} training photos have a weight of their own", line_of.size(), splits.train.size())};
  if (elsewhere > 0)
    notes.push_back(
        fmt::format("{}: {} of its photos {} not in training, where alone weights count", name, elsewhere, elsewhere == 1 ? "is" : "are"));
  return notes;
}

std::string weights_csv(std::span<const Sample> samples, const fs::path& dataset) {
  std::string csv = "path,weight\n";
  const fs::path root = root_of(dataset);
  for (const Sample& sample : samples) csv += fmt::format("{},{}\n", csv_field(name_under(root, sample.path)), sample.weight);
  return csv;
}

}  // namespace graft::data
