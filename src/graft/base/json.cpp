#include "graft/base/json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"

namespace graft {

void write_json(const std::filesystem::path& path, const nlohmann::ordered_json& value, Sync sync) {
  write_file(path, value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n", sync);
}

nlohmann::ordered_json read_json(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  try {
    return nlohmann::ordered_json::parse(as_text(bytes));
  } catch (const nlohmann::json::parse_error& error) {
    const char* reason = error.byte > bytes.size() ? "the file ends too early" : "expected something else here";
    throw data_error(printable(path.string()), fmt::format("byte {}: not JSON, {}", error.byte, reason));
  } catch (const nlohmann::json::out_of_range&) {
    throw data_error(printable(path.string()), "not JSON, holds a number too large for a double");
  }
}

}  // namespace graft
