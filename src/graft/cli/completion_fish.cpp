#include <fmt/format.h>

#include "graft/cli/completion.h"

namespace graft::cli {
namespace {

using Kind = CompletionPlace::Kind;

constexpr const char* kHead = R"sh(# Completion of graft for fish: graft completion fish > ~/.config/fish/completions/graft.fish

# Whether the words after graft begin with those given, each of them one of NAME|NAME.
function __graft_after
    set -l words (commandline -opc)
    set -e words[1]
    test (count $words) -ge (count $argv); or return 1
    for i in (seq (count $argv))
        contains -- $words[$i] (string split '|' -- $argv[$i]); or return 1
    end
end

# Whether there are just $argv[1] words after graft, options not counted, and they begin with the rest.
function __graft_just
    set -l words (string match -v -- '-*' (commandline -opc))
    test (count $words) -eq (math $argv[1] + 1); and __graft_after $argv[2..-1]
end

complete -c graft -f
)sh";

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "'";
}

/// " -l out -s o".
std::string names_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word.starts_with("--") ? " -l " + word.substr(2) : " -s " + word.substr(1);
  return text;
}

std::string action(const CompletionPlace& place) {
  const std::string words = place.words.empty() ? "" : fmt::format(" -a {}", quoted(fmt::format("{}", fmt::join(place.words, " "))));
  switch (place.kind) {
    case Kind::nothing: return "";
    case Kind::text: return " -x" + words;
    case Kind::folder: return " -x -a '(__fish_complete_directories)'";
    case Kind::file: return " -r -F" + words;
  }
  return "";
}

/// What other tools call an option is not offered: fish has no options that are understood alone.
std::string option_lines(const std::string& condition, const CompletedCommand& command) {
  std::string text;
  for (const CompletedOption& option : command.options)
    text += fmt::format("complete -c graft -n {}{}{} -d {}\n", condition, names_of(option.words), action(option.value), quoted(option.help));
  const CompletionPlace& arguments = command.arguments;
  const std::string words = arguments.words.empty() ? "" : fmt::format(" -a {}", quoted(fmt::format("{}", fmt::join(arguments.words, " "))));
  if (arguments.kind == Kind::file) text += fmt::format("complete -c graft -n {} -F{}\n", condition, words);
  else if (!words.empty()) text += fmt::format("complete -c graft -n {}{}\n", condition, words);
  return text;
}

std::string lines(const std::vector<CompletedCommand>& commands, int depth, const std::string& before) {
  std::string text;
  for (const CompletedCommand& command : commands) {
    text += fmt::format("complete -c graft -n {} -a {} -d {}\n", quoted(fmt::format("__graft_just {}{}", depth, before)), command.names.front(),
                        quoted(command.summary));
    const std::string now = fmt::format("{} \"{}\"", before, fmt::join(command.names, "|"));
    text += command.commands.empty() ? option_lines(quoted("__graft_after" + now), command) : lines(command.commands, depth + 1, now);
  }
  return text;
}

}  // namespace

std::string fish_completion(const std::vector<CompletedCommand>& commands) { return kHead + lines(commands, 0, ""); }

}  // namespace graft::cli
