// Classes that look the same to people but differ for programs.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace graft::data {

/// A sentence about classes that differ in case alone; Error (data) of `name` that shows the characters of two that cannot be told apart by sight. `classes` are
/// in Unicode's normal form.
std::vector<std::string> check_look_alikes(const std::string& name, std::span<const std::string> classes);

}  // namespace graft::data
