#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/cli/command.h"

namespace graft::cli {
namespace {

const CommandText kVersionText{"graft version", "Print the version.", {"graft version --json"}};

struct VersionOptions {
  OutputOptions output;
  void fields(FieldList& v) { output.fields(v); }
};

}  // namespace

CommandReference version_reference() { return reference_of<VersionOptions>(kVersionText); }

int version_command(std::span<const std::string> words) {
  const auto config = read_config<VersionOptions>(kVersionText, words);
  if (!config) return 0;
  print(config->values.output.json ? nlohmann::json{{"version", GRAFT_VERSION}}.dump() + "\n" : std::string("graft ") + GRAFT_VERSION + "\n");
  return 0;
}

}  // namespace graft::cli
