// Texts that people would call the same, though their bytes differ.
#pragma once

#include <string>
#include <string_view>

namespace graft {

/// Normal form C (Unicode 15, annex 15): an accented letter is one character, however it was typed. Text that is no UTF-8 is unchanged.
std::string nfc(std::string_view text);

/// Equal for texts that look alike: compatibility forms made plain, without what is invisible, blanks of any kind one space and none at the ends. With
/// `any_case` also for those that differ in case.
std::string look_of(std::string_view text, bool any_case);

/// "U+0061 U+00A0".
std::string code_points(std::string_view text);

}  // namespace graft
