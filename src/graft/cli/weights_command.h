// graft weights COMMAND: files of pretrained weights.
#pragma once

#include <span>
#include <string>

#include "graft/cli/command.h"

namespace graft::cli {

int weights_list(std::span<const std::string> words);
int weights_get(std::span<const std::string> words);
int weights_info(std::span<const std::string> words);
int weights_convert(std::span<const std::string> words);
int weights_verify(std::span<const std::string> words);

CommandReference weights_list_reference();
CommandReference weights_get_reference();
CommandReference weights_info_reference();
CommandReference weights_convert_reference();
CommandReference weights_verify_reference();

}  // namespace graft::cli
