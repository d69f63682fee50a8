// Lines for people: wrapped on a terminal, unchanged in a file.
#pragma once

#include <string>

namespace graft::cli {

/// One line, or on a terminal that is narrower as many as it takes; each with its end.
std::string wrapped(const std::string& line);

}  // namespace graft::cli
