// graft weights COMMAND: files of pretrained weights.
#pragma once

#include <span>
#include <string>

namespace graft::cli {

int weights_list(std::span<const std::string> words);
int weights_get(std::span<const std::string> words);
int weights_info(std::span<const std::string> words);
int weights_convert(std::span<const std::string> words);
int weights_verify(std::span<const std::string> words);

}  // namespace graft::cli
