// The files of recipes/, made a part of the program by CMake.
#pragma once

#include <utility>
#include <vector>

namespace graft::study {

extern const std::vector<std::pair<const char*, const char*>> kRecipes;  // name and text, by name

}  // namespace graft::study
