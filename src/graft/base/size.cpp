#include "graft/base/size.h"

#include <fmt/format.h>

#include "graft/base/text.h"

namespace graft {

std::optional<Size> size_in(std::string_view text) {
  const std::size_t by = text.find('x');
  const std::optional<int> height = number_in<int>(text.substr(0, by));
  const std::optional<int> width = by == std::string_view::npos ? height : number_in<int>(text.substr(by + 1));
  return height && width ? std::optional(Size(*height, *width)) : std::nullopt;
}

std::string to_string(const Size& size) { return size.square() ? std::to_string(size.height) : both_sides(size); }

std::string both_sides(const Size& size) { return fmt::format("{}x{}", size.height, size.width); }

}  // namespace graft
