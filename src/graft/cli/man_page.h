// A manual page in the language of man(7), from the option list.
#pragma once

#include <string>

#include "graft/cli/command.h"

namespace graft::cli {

struct ManPage {
  std::string file;  // "graft-weights-get.1"
  std::string text;
};

/// graft(1): the commands, and what they have in common.
ManPage overview_page();
/// Of a command: `name` is "graft fit".
ManPage command_page(const std::string& name, const Command& command);
/// All of them, those of groups included.
std::vector<ManPage> all_pages();

}  // namespace graft::cli
