// What fastai, Keras, PyTorch's trainers, timm and Ultralytics call graft's options, and the British spelling that older runs have in their records. A
// word that means the same is taken (records hold graft's own name); for one that means something near, the error says what graft has instead. The
// table is in other_names.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/config_field.h"

namespace graft {

struct OtherName {
  const char* word;               // with dashes: "learning-rate"
  const char* option;             // graft's; commands without that option do not know the word
  const char* instead = nullptr;  // what to do, where it does not mean the same: "graft calls it --warmup, ..."
};

std::span<const OtherName> other_names();

/// What `word` is in a command with these options; null where it is unknown.
const OtherName* find_other_name(std::span<const Field> fields, std::string_view word);

/// The option of that name, in graft's word or one that means the same; null where there is none.
const Field* find_by_any_name(std::span<const Field> fields, std::string_view name);

/// The words that mean the same as the option, in the order of the table.
std::vector<std::string> same_as(std::string_view option);

}  // namespace graft
