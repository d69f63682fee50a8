// Features of photos as rows of a matrix, in memory or in a mapped file.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace graft::search {

struct Table {
  std::size_t rows = 0, width = 0;
  std::shared_ptr<const void> owner;  // of the values
  std::span<const float> values;      // (rows, width), row-major

  std::span<const float> row(std::size_t i) const { return values.subspan(i * width, width); }
};

}  // namespace graft::search
