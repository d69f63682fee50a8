// Lines of a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace graft {

/// Code points: close enough for our own sentences.
std::size_t columns_of(std::string_view text);

/// A table: every column but the first to the right, each as wide as its widest cell, two blanks between them. All rows have as many cells, one at least.
std::string aligned_rows(const std::vector<std::vector<std::string>>& rows);

/// Broken between words into lines of so many columns, each but the first behind `indent` spaces. A longer word has a line of its own.
std::vector<std::string> wrap(std::string_view text, std::size_t columns, std::size_t indent = 0);

}  // namespace graft
