// Names that strangers gave, in messages.
#pragma once

#include <string>
#include <string_view>

namespace graft {

/// printable(), and not longer than a message can bear.
std::string shown(std::string_view name);
std::string in_quotes(std::string_view name);  // 'shown(name)'

}  // namespace graft
