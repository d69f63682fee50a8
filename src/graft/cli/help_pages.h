// The pages of docs/, embedded in the program so that `graft help TOPIC` works wherever it is installed. cmake/help_pages.cmake makes the source.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace graft::cli {

struct HelpPage {
  std::string_view name;            // "data", of docs/data.md
  std::string_view text;            // Markdown; its first line is the title, "# Your photos"
  std::string (*made)() = nullptr;  // if the program makes the page: the whole page; text is then only its title
};

/// By name.
std::span<const HelpPage> help_pages();

}  // namespace graft::cli
