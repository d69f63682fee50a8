// Texts that people would call the same although their bytes differ.
#pragma once

#include <string>
#include <string_view>

namespace graft {

/// Normal form C (Unicode 15, annex 15): an accented letter is one character, however it was typed. Text that is not UTF-8 is unchanged.
std::string nfc(std::string_view text);

/// Equal for texts that look alike: compatibility forms are replaced, invisible characters removed, blanks of any
/// kind become one space and are removed at the ends. With `any_case` also equal for texts that differ in case.
std::string look_of(std::string_view text, bool any_case);

/// "U+0061 U+00A0".
std::string code_points(std::string_view text);

}  // namespace graft
