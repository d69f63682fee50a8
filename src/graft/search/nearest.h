// The rows of a Table that are most similar to a query by cosine; all rows are compared.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/search/table.h"

namespace graft::search {

struct Match {
  std::size_t row;
  float similarity;  // cosine, in [-1, 1] up to rounding; 0 where either is all zeros
  bool operator==(const Match&) const = default;
};

/// 1 / length of a row; 0 for a row of zeros, NaN for a row with values that are not finite or too large.
float inverse_length(std::span<const float> row);

/// The same for all rows; Error (data) named `name` if one is NaN.
std::vector<float> inverse_lengths(const Table& table, ThreadPool& pool, std::string_view name);

/// For each query of `queries` (n, width) its `top` rows, or all when there are fewer: most similar first, equal ones by row. The table is read
/// once for a group of queries, in blocks that stay in the cache. Does not depend on the number of threads. Error (data) named `name`, the
/// index's, for numbers that are not finite.
std::vector<std::vector<Match>> nearest(const Table& table, std::span<const float> queries, std::size_t top, ThreadPool& pool, std::string_view name);

}  // namespace graft::search
