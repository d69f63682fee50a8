// The pages of docs/, which are a part of the program so that `graft help TOPIC` has them wherever it is installed. cmake/help_pages.cmake makes the source.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace graft::cli {

struct HelpPage {
  std::string_view name;            // "data", of docs/data.md
  std::string_view text;            // Markdown; its first line is the title, "# Your photos"
  std::string (*made)() = nullptr;  // where the program makes the page: all of it; text is its title alone
};

/// By name.
std::span<const HelpPage> help_pages();

}  // namespace graft::cli
