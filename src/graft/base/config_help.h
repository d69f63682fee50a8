// The option list in words, for --help and the manual page.
#pragma once

#include <string>
#include <vector>

#include "graft/base/config_field.h"

namespace graft {

struct HelpRow {
  std::string words;     // "-o, --out FOLDER"
  std::string sentence;  // with range, default and other names
};

struct HelpGroup {
  std::string title;
  std::vector<HelpRow> rows;
};

/// "Arguments" first, then the groups in their order; a title may occur more than once.
std::vector<HelpGroup> help_groups(const std::vector<Field>& fields);

}  // namespace graft
