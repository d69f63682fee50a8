#include "graft/data/look_alikes.h"

#include <fmt/format.h>

#include <map>

#include "graft/base/error.h"
#include "graft/base/unicode.h"

namespace graft::data {

std::vector<std::string> check_look_alikes(const std::string& name, std::span<const std::string> classes) {
  std::map<std::string, const std::string*> looks, cases;
  std::string pair;
  std::size_t pairs = 0;
  for (const std::string& label : classes) {
    if (const auto [before, fresh] = looks.emplace(look_of(label, false), &label); !fresh)
      throw data_error(
          name, fmt::format("classes '{}' and '{}' look alike: {} and {}", *before->second, label, code_points(*before->second), code_points(label)),
          "write them in the same characters, or name them apart");
    if (const auto [before, fresh] = cases.emplace(look_of(label, true), &label); !fresh && ++pairs == 1)
      pair = fmt::format("'{}' and '{}'", *before->second, label);
  }
  if (pairs == 0) return {};
  return {fmt::format("classes that differ in upper and lower case alone are taken for different ones: {}{}", pair,
                      pairs > 1 ? fmt::format(", and {} more", pairs - 1) : "")};
}

}  // namespace graft::data
