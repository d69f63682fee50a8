// Completion scripts for shells, made from the lists of options; they do not run graft when a key is pressed.
#pragma once

#include <string>
#include <vector>

#include "graft/cli/command.h"

namespace graft::cli {

/// What can be completed at a position.
struct CompletionPlace {
  enum class Kind { nothing, text, file, folder } kind = Kind::nothing;  // text: anything, or one of
  std::vector<std::string> words = {};                                   // these; beside files, too
};

struct CompletedOption {
  std::vector<std::string> words, others;  // "--out", "-o"; others: "--no-mirror", and what other tools call it
  std::string help;                        // a few words
  std::string placeholder;                 // of its value
  CompletionPlace value;
};

struct CompletedCommand {
  std::vector<std::string> names;  // "get", "download"
  std::string summary;
  std::vector<CompletedOption> options = {};
  CompletionPlace arguments = {};
  std::vector<CompletedCommand> commands = {};  // of a group, which has nothing else
  bool takes_help = true;                       // whether --help may follow in place of one of these
};

std::vector<CompletedCommand> completed_commands(const CommandGroup& group);

std::string bash_completion(const std::vector<CompletedCommand>& commands);
std::string zsh_completion(const std::vector<CompletedCommand>& commands);
std::string fish_completion(const std::vector<CompletedCommand>& commands);

}  // namespace graft::cli
