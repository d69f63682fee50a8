#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/cli/command.h"

namespace graft::cli {
namespace {

const CommandText kText{"graft version", "Print the version.", {"graft version --json"}};

struct Options {
  OutputOptions output;
  template <class Visitor>
  void fields(Visitor& v) {
    output.fields(v);
  }
};

}  // namespace

CommandReference version_reference() { return reference_of<Options>(kText); }

int version_command(std::span<const std::string> words) {
  const auto config = read_config<Options>(kText, words);
  if (!config) return 0;
  print(config->values.output.json ? nlohmann::json{{"version", GRAFT_VERSION}}.dump() + "\n" : std::string("graft ") + GRAFT_VERSION + "\n");
  return 0;
}

}  // namespace graft::cli
