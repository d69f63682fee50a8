// The names of graft's options in fastai, Keras, PyTorch's trainers, timm and Ultralytics, and the British spelling
// in the records of older runs. A word with the same meaning is accepted (records contain graft's own name); for a
// word with a similar meaning, the error says what graft has instead. The table is in other_names.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/config_field.h"

namespace graft {

struct OtherName {
  const char* word;               // with dashes: "learning-rate"
  const char* option;             // graft's own name; commands without that option do not accept the word
  const char* instead = nullptr;  // what to do if it does not mean the same: "graft calls it --warmup, ..."
};

std::span<const OtherName> other_names();

/// The row for `word` in a command with these options; null if it is unknown.
const OtherName* find_other_name(std::span<const Field> fields, std::string_view word);

/// The option of that name, which may be graft's own or one that means the same; null if there is none.
const Field* find_by_any_name(std::span<const Field> fields, std::string_view name);

/// The words that mean the same as the option, in the order of the table.
std::vector<std::string> same_as(std::string_view option);

}  // namespace graft
