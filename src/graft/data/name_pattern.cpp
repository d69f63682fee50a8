#include "graft/data/name_pattern.h"

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/base/unicode.h"
#include "graft/data/scan.h"

namespace graft::data {
namespace {

std::regex compiled(const std::string& text, const std::string& option) {
  try {
    return std::regex(text, std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error& error) {
    throw usage_error(option + " " + printable(text), std::string("not a valid regular expression: ") + error.what(),
                      "groups are written (...), a literal dot \\.");
  }
}

}  // namespace

NamePattern::NamePattern(const std::string& text, const std::string& option)
    : pattern_(compiled(text, option)), whole_path_(text.find('/') != std::string::npos) {
  if (pattern_.mark_count() == 0)
    throw usage_error(option + " " + printable(text), "has no group, expected one around what is wanted of the name", "for instance '^([a-z]+)'");
}

std::optional<std::string> NamePattern::operator()(const std::filesystem::path& root, const std::filesystem::path& photo) const {
  const std::string name = whole_path_ ? name_under(root, photo) : photo.filename().string();
  std::smatch found;
  if (!std::regex_search(name, found, pattern_) || found.length(1) == 0) return std::nullopt;
  return nfc(printable(found.str(1)));
}

}  // namespace graft::data
