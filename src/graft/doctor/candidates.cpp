#include "graft/doctor/candidates.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "graft/search/nearest.h"
#include "graft/search/neighbour_graph.h"

namespace graft::doctor {
namespace {

constexpr double kMostProducts = 3e9;  // of numbers, to compare all rows with all: about a second on one core

/// The rows of a table that are asked for, in memory of their own.
search::Table chosen(std::span<const std::size_t> rows, std::size_t width, const auto& copy_row) {
  const auto values = std::make_shared<std::vector<float>>(rows.size() * width);
  for (std::size_t i = 0; i < rows.size(); ++i) copy_row(rows[i], std::span(*values).subspan(i * width, width));
  return {rows.size(), width, values, *values};
}

/// To the pairs those of each row with its nearest ones, from a similarity on. `name`: of each row of the table its photo.
void add_nearest(const search::Table& table, std::span<const std::size_t> name, float least, ThreadPool& pool, std::vector<RowPair>& pairs) {
  constexpr std::size_t kBlock = 1024;
  if (table.rows < 2) return;
  const auto rows = static_cast<double>(table.rows);
  std::optional<search::NeighbourGraph> graph;
  if (rows * rows * static_cast<double>(table.width) > kMostProducts) graph = search::NeighbourGraph::build(table, pool, "photos");
  for (std::size_t first = 0; first < table.rows; first += kBlock) {
    const std::size_t count = std::min(kBlock, table.rows - first);
    const auto queries = table.values.subspan(first * table.width, count * table.width);
    const auto found = graph ? graph->nearest(queries, kNearest + 1, pool) : search::nearest(table, queries, kNearest + 1, pool, "photos");
    for (std::size_t i = 0; i < count; ++i)
      for (const search::Match& match : found[i])
        if (match.row != first + i && match.similarity >= least) pairs.push_back(std::minmax({name[first + i], name[match.row]}));
  }
}

}  // namespace

std::vector<RowPair> likely_pairs(std::span<const std::size_t> rows, std::span<const LowFrequencies> low, const search::Table* features,
                                  ThreadPool& pool) {
  std::vector<RowPair> pairs;
  add_nearest(chosen(rows, kCoefficients, [&](std::size_t row, std::span<float> to) { std::ranges::copy(invariants(low[row]), to.begin()); }), rows,
              0, pool, pairs);
  if (features != nullptr)
    add_nearest(chosen(rows, features->width, [&](std::size_t row, std::span<float> to) { std::ranges::copy(features->row(row), to.begin()); }), rows,
                kFeatureCosine, pool, pairs);
  std::ranges::sort(pairs);
  const auto [again, end] = std::ranges::unique(pairs);
  pairs.erase(again, end);
  return pairs;
}

}  // namespace graft::doctor
