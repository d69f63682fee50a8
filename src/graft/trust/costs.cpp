#include "graft/trust/costs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/data/csv.h"
#include "graft/trust/record.h"

namespace graft::trust {
namespace {

constexpr const char* kExample = "give a line for each pair, such as: true,predicted,cost";

/// What is read of the table, and how its lines are named.
class CostTable {
 public:
  CostTable(std::string name, std::span<const std::string> classes)
      : name_(std::move(name)), classes_(classes), cells_(classes.size() * classes.size()), lines_(cells_.size()) {}

  void columns(const std::vector<std::string>& header) {
    for (const auto& [column, at] : {std::pair{"true", &true_}, {"predicted", &predicted_}, {"cost", &cost_}}) {
      const auto found = std::ranges::find_if(header, [&](const std::string& field) { return lower(trim(field)) == column; });
      if (found == header.end()) throw data_error(name_, fmt::format("has no column '{}', expected true, predicted and cost", column), kExample);
      *at = static_cast<std::size_t>(found - header.begin());
    }
    width_ = header.size();
  }

  void row(const data::CsvRow& row) {
    const std::string where = fmt::format("{}:{}", name_, row.line);
    if (row.fields.size() != width_) throw data_error(where, fmt::format("{} fields, expected {} as in the first line", row.fields.size(), width_));
    const std::size_t truth = class_of(row.fields[true_], where), predicted = class_of(row.fields[predicted_], where);
    const std::optional<double> cost = number_in<double>(trim(row.fields[cost_]));
    if (!cost || !std::isfinite(*cost) || *cost < 0)
      throw data_error(where, fmt::format("'{}' is not a cost, expected a finite number of at least 0", printable(row.fields[cost_])));
    const std::size_t cell = truth * classes_.size() + predicted;
    if (cells_[cell])
      throw data_error(where,
                       fmt::format("gives the cost of true '{}', predicted '{}' again, after line {}", printable(classes_[truth]),
                                   printable(classes_[predicted]), lines_[cell]),
                       "remove one of the lines");
    cells_[cell] = cost;
    lines_[cell] = row.line;
  }

  Costs costs() const {
    Costs costs{classes_.size(), {}};
    std::vector<std::string> missing;
    for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
      const std::size_t truth = cell / classes_.size(), predicted = cell % classes_.size();
      if (!cells_[cell] && truth != predicted) missing.push_back(printable(classes_[truth]) + "," + printable(classes_[predicted]));
      costs.values.push_back(cells_[cell].value_or(0));
    }
    if (!missing.empty())
      throw data_error(
          name_, fmt::format("is not square: no cost of {} (true,predicted)", first_few(missing)),
          fmt::format("give all {} pairs of different classes; right answers may be left out and cost 0", classes_.size() * (classes_.size() - 1)));
    if (std::ranges::all_of(costs.values, [&](double value) { return value == costs.values.front(); }))
      throw data_error(name_, fmt::format("every cost is {}: nothing can be chosen by them", costs.values.front()), "give mistakes a higher cost");
    return costs;
  }

 private:
  std::size_t class_of(const std::string& field, const std::string& where) const {
    const std::string word(trim(field));
    const auto found = std::ranges::find(classes_, word);
    if (found != classes_.end()) return static_cast<std::size_t>(found - classes_.begin());
    const auto near = closest(word, classes_);
    throw data_error(where, fmt::format("the model has no class '{}', its classes are {}", printable(word), first_few(classes_)),
                     near ? fmt::format("did you mean '{}'?", printable(*near)) : "");
  }

  std::string name_;
  std::span<const std::string> classes_;
  std::vector<std::optional<double>> cells_;
  std::vector<int> lines_;
  std::size_t true_ = 0, predicted_ = 0, cost_ = 0, width_ = 0;
};

}  // namespace

double Costs::expected(std::span<const float> probabilities, int predicted) const {
  double sum = 0;
  for (std::size_t k = 0; k < classes; ++k) sum += static_cast<double>(probabilities[k]) * of(static_cast<int>(k), predicted);
  return sum;
}

Choice Costs::cheapest(std::span<const float> probabilities) const {
  Choice best{0, expected(probabilities, 0)};
  for (int k = 1; k < static_cast<int>(classes); ++k) {
    const double cost = expected(probabilities, k);
    const bool more_probable = probabilities[static_cast<std::size_t>(k)] > probabilities[static_cast<std::size_t>(best.label)];
    if (cost < best.cost || (cost == best.cost && more_probable)) best = {k, cost};
  }
  return best;
}

Costs read_costs(const std::filesystem::path& file, const data::Task& task, std::span<const std::string> classes) {
  const std::string name = printable(file.string());
  if (!data::one_class_each(task))
    throw usage_error("--costs " + name, "is for photos of one class each; these have several",
                      "omit it: with several classes per photo, a mistake is not a pair of classes");
  const std::vector<std::byte> bytes = read_file(file);
  const std::string_view text = as_text(bytes);
  const std::vector<data::CsvRow> rows = data::parse_csv(text, data::csv_separator(text, name), name);
  if (rows.empty()) throw data_error(name, "is empty, expected the columns true, predicted and cost", kExample);
  CostTable table(name, classes);
  table.columns(rows.front().fields);
  for (const data::CsvRow& row : std::span(rows).subspan(1)) table.row(row);
  return table.costs();
}

nlohmann::ordered_json to_json(const Costs& costs) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (std::size_t k = 0; k < costs.classes; ++k) {
    const auto row = std::span(costs.values).subspan(k * costs.classes, costs.classes);
    rows.push_back(std::vector<double>(row.begin(), row.end()));
  }
  return rows;
}

Costs costs_from(const Record& record, const data::Task& task, std::size_t classes) {
  const nlohmann::json& rows = record.value("costs");
  const auto is_cost = [](const nlohmann::json& x) { return x.is_number() && std::isfinite(x.get<double>()) && x.get<double>() >= 0; };
  const auto is_row = [&](const nlohmann::json& row) { return row.is_array() && row.size() == classes && std::ranges::all_of(row, is_cost); };
  if (!data::one_class_each(task) || !rows.is_array() || rows.size() != classes || !std::ranges::all_of(rows, is_row))
    throw record.error("costs", data::one_class_each(task) ? fmt::format("{0} rows of {0} numbers of at least 0", classes)
                                                           : std::string("none, because photos have several classes"));
  Costs costs{classes, {}};
  for (const nlohmann::json& row : rows)
    for (const nlohmann::json& cost : row) costs.values.push_back(cost.get<double>());
  return costs;
}

}  // namespace graft::trust
