// Lines for whoever reads them: on a terminal broken between words, in a file as they are.
#pragma once

#include <string>

namespace graft::cli {

/// One line, or on a terminal that is narrower as many as it takes; each with its end.
std::string wrapped(const std::string& line);

}  // namespace graft::cli
