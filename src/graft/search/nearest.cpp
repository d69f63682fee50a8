#include "graft/search/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "graft/base/error.h"
#include "graft/search/dot_table.h"

namespace graft::search {
namespace {

constexpr std::size_t kBlockValues = std::size_t{1} << 16;  // 256 KiB of rows: what a core's cache holds beside the queries
constexpr std::size_t kGroup = 16;                          // queries scored together; bounds the memory of scores

std::size_t rows_of_block(const Table& table) { return std::max<std::size_t>(1, kBlockValues / table.width); }

/// work(first, last) of every block of rows.
template <class Work>
void for_blocks(const Table& table, ThreadPool& pool, const Work& work) {
  const std::size_t size = rows_of_block(table), blocks = (table.rows + size - 1) / size;
  pool.parallel_for(blocks, [&](std::size_t b) { work(b * size, std::min(table.rows, (b + 1) * size)); });
}

std::vector<Match> best(std::span<const float> scores, std::size_t top) {
  std::vector<Match> matches(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) matches[i] = {i, scores[i]};
  const auto end = matches.begin() + static_cast<std::ptrdiff_t>(std::min(top, matches.size()));
  std::partial_sort(matches.begin(), end, matches.end(),
                    [](const Match& a, const Match& b) { return a.similarity != b.similarity ? a.similarity > b.similarity : a.row < b.row; });
  return {matches.begin(), end};
}

/// Lengths of the rows [first, last).
void measure(const Table& table, std::size_t first, std::size_t last, std::span<float> lengths, std::string_view name) {
  for (std::size_t i = first; i < last; ++i) {
    lengths[i] = inverse_length(table.row(i));
    if (std::isnan(lengths[i]))
      throw data_error(std::string(name), fmt::format("row {} contains a value that is not finite or too large", i),
                       "make the index again with `graft embed`");
  }
}

}  // namespace

float inverse_length(std::span<const float> row) {
  const float square = fastest_dot()(row.data(), row.data(), row.size());
  if (!std::isfinite(square)) return std::numeric_limits<float>::quiet_NaN();
  return square > 0 ? 1 / std::sqrt(square) : 0;
}

std::vector<float> inverse_lengths(const Table& table, ThreadPool& pool, std::string_view name) {
  std::vector<float> lengths(table.rows);
  for_blocks(table, pool, [&](std::size_t first, std::size_t last) { measure(table, first, last, lengths, name); });
  return lengths;
}

std::vector<std::vector<Match>> nearest(const Table& table, std::span<const float> queries, std::size_t top, ThreadPool& pool,
                                        std::string_view name) {
  const Dot dot = fastest_dot();
  const std::size_t width = table.width, count = queries.size() / width;
  std::vector<float> query_lengths;
  for (std::size_t q = 0; q < count; ++q) {
    query_lengths.push_back(inverse_length(queries.subspan(q * width, width)));
    if (std::isnan(query_lengths.back())) throw data_error(std::string(name), "the network gives a photo features that are not finite numbers");
  }
  std::vector<std::vector<Match>> found(count);
  std::vector<float> lengths(table.rows), scores(std::min(kGroup, count) * table.rows);
  for (std::size_t start = 0; start < count; start += kGroup) {
    check_interrupted();
    const std::size_t group = std::min(kGroup, count - start);
    for_blocks(table, pool, [&](std::size_t first, std::size_t last) {
      if (start == 0) measure(table, first, last, lengths, name);
      for (std::size_t q = 0; q < group; ++q)
        for (std::size_t i = first; i < last; ++i)
          scores[q * table.rows + i] = dot(table.row(i).data(), queries.data() + (start + q) * width, width) * lengths[i] * query_lengths[start + q];
    });
    pool.parallel_for(group, [&](std::size_t q) { found[start + q] = best(std::span(scores).subspan(q * table.rows, table.rows), top); });
  }
  return found;
}

}  // namespace graft::search
