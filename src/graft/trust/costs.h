// Decisions by what mistakes cost: of all classes, the one with the lowest expected cost, by the probabilities.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/data/task.h"

namespace graft::trust {

class Record;

struct Choice {
  int label;
  double cost;  // expected
};

/// In any unit: euros, minutes, lives. Finite, at least 0.
struct Costs {
  std::size_t classes;
  std::vector<double> values;  // (true, predicted), row-major

  double of(int truth, int predicted) const { return values[static_cast<std::size_t>(truth) * classes + static_cast<std::size_t>(predicted)]; }
  double expected(std::span<const float> probabilities, int predicted) const;
  /// If costs are equal: the most probable class, then the first.
  Choice cheapest(std::span<const float> probabilities) const;
};

/// A table with the columns true, predicted, cost, in any order: a line for each pair of classes. Pairs of a class with itself may
/// be left out and cost nothing. Errors (data), with file and line: a missing column, a class that the model does not know, a cost
/// that is not a number, negative or not finite, a pair given twice, missing pairs; all costs equal. For MultiLabel, Error (usage).
Costs read_costs(const std::filesystem::path& file, const data::Task& task, std::span<const std::string> classes);

nlohmann::ordered_json to_json(const Costs& costs);  // rows of numbers
/// Its key "costs". Error (data).
Costs costs_from(const Record& record, const data::Task& task, std::size_t classes);

}  // namespace graft::trust
