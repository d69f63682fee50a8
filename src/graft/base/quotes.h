// Names from foreign files, in messages.
#pragma once

#include <string>
#include <string_view>

namespace graft {

/// printable(), and shortened to fit into a message.
std::string shown(std::string_view name);
std::string in_quotes(std::string_view name);  // 'shown(name)'

}  // namespace graft
