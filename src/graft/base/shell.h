// Words of commands that graft prints, for a shell to read back.
#pragma once

#include <string>
#include <string_view>

namespace graft {

/// The word as bash, zsh and fish read it back: as it is where no character of it is special, else in single quotes: runs/a, 'my photos',
/// 'it'\''s here'. A byte that is no UTF-8 or a control character cannot be copied from a terminal; it is shown as by printable().
std::string shell_word(std::string_view word);

}  // namespace graft
