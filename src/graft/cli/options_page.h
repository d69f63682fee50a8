// The page of all options, made from the commands' own lists: `graft help options`, and docs/options.md (tests/cli/docs_test.cpp compares them).
#pragma once

#include <string>

#include "graft/cli/command.h"

namespace graft::cli {

inline constexpr const char* kOptionsTitle = "# Options from A to Z\n";

/// Markdown: every option of every command by its name, with the commands that have it. One that says different things in different commands comes once
/// for each.
std::string options_page(const CommandGroup& group);

}  // namespace graft::cli
