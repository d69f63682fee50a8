// The files of recipes/, embedded in the program by CMake.
#pragma once

#include <utility>
#include <vector>

namespace graft::study {

extern const std::vector<std::pair<const char*, const char*>> kRecipes;  // name and text, by name

}  // namespace graft::study
