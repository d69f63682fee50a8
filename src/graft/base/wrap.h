// Lines of a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace graft {

/// Counts code points, which is close enough for our own sentences.
std::size_t columns_of(std::string_view text);

/// A table: every column except the first is aligned to the right and as wide as its widest cell, with two blanks between columns. All rows have the same
/// number of cells, at least one.
std::string aligned_rows(const std::vector<std::vector<std::string>>& rows);

/// Broken between words into lines of at most this many columns, all but the first indented by `indent` spaces. A longer word gets a line of its own.
std::vector<std::string> wrap(std::string_view text, std::size_t columns, std::size_t indent = 0);

}  // namespace graft
