// Tables for a terminal.
#pragma once

#include <string>
#include <vector>

namespace graft::eval {

inline constexpr std::size_t kWholeTable = 20;  // classes that still fit a terminal
inline constexpr std::size_t kWeakest = 10;     // shown when they do not

/// Rows of cells two spaces apart, the first `names` columns to the left, the others (numbers) to the right.
std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t names = 1);

std::string percent(double part);

struct Intervals;
/// A line that says so where they are by groups; else empty.
std::string whole_groups(const Intervals& intervals);

}  // namespace graft::eval
