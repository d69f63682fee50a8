#include "graft/base/quotes.h"

#include "graft/base/text.h"

namespace graft {

std::string shown(std::string_view name) {
  constexpr std::size_t kMost = 100;
  return name.size() <= kMost ? printable(name) : printable(name.substr(0, kMost)) + "...";
}

std::string in_quotes(std::string_view name) { return "'" + shown(name) + "'"; }

}  // namespace graft
