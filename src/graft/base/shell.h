// Words of commands that graft prints, quoted for a shell.
#pragma once

#include <string>
#include <string_view>

namespace graft {

/// The word as bash, zsh and fish read it: unchanged if no character is special, otherwise in single quotes: runs/a, 'my photos',
/// 'it'\''s here'. Invalid UTF-8 and control characters cannot be copied from a terminal; they are shown as by printable().
std::string shell_word(std::string_view word);

}  // namespace graft
