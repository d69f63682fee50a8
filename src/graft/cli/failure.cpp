#include "graft/cli/failure.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "graft/base/text.h"

namespace graft::cli {
namespace {

bool in_json = false;

int say(const char* kind, int exit_code, const std::string& message, const std::string& subject, const std::string& fact, const std::string& hint) {
  std::string line = "graft: " + message;
  if (in_json)
    line = nlohmann::ordered_json{{"error",
                                   {{"kind", kind},
                                    {"subject", printable(subject)},
                                    {"fact", printable(fact)},
                                    {"hint", printable(hint)},
                                    {"message", printable(message)},
                                    {"exit_code", exit_code}}}}
               .dump();
  std::fputs((line + "\n").c_str(), stderr);
  return exit_code;
}

}  // namespace

void fail_in_json(bool json) { in_json = json; }

bool asks_for_json(std::span<const std::string> words) {
  bool json = false;
  for (const std::string& word : words) {
    if (word == "--") break;
    if (word == "--json" || word == "--no-json") json = word == "--json";
  }
  return json;
}

int fail(const Error& error) {
  return say(error.kind() == ErrorKind::usage ? "usage" : "data", error.exit_code(), error.what(), error.subject(), error.fact(), error.hint());
}

int fail(const Interrupted& interrupted) { return say("interrupted", 130, interrupted.what(), "", interrupted.what(), ""); }

int fail_for_memory() {
  const std::string fact = "out of memory", hint = "use fewer --threads or smaller photos";
  return say("memory", 1, fact + "; " + hint, "", fact, hint);
}

int fail_unexpectedly(const std::exception& error) {
  const std::string fact = std::string("unexpected: ") + error.what(), hint = "please report it";
  return say("internal", 70, fact + "; " + hint, "", fact, hint);
}

}  // namespace graft::cli
