#include <fmt/format.h>

#include <algorithm>

#include "graft/cli/completion.h"

namespace graft::cli {
namespace {

using Kind = CompletionPlace::Kind;

constexpr const char* kHead = R"sh(#compdef graft
# Completion of graft for zsh. As _graft in a folder of $fpath, or in ~/.zshrc after compinit: eval "$(graft completion zsh)"

)sh";

// Loaded by compinit the file is the function's body; evaluated it has to be told to compinit.
constexpr const char* kTail = R"sh(
if [[ $funcstack[1] == _graft ]]; then _graft "$@"
else compdef _graft graft
fi
)sh";

/// Inside of single quotes, as a part of an _arguments or _describe specification.
std::string part(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') out += R"('\'')";
    else if (c == '[' || c == ']' || c == ':' || c == '\\') out += std::string("\\") + c;
    else out += c;
  }
  return out;
}

/// A blank in front: run as it stands, without options of compadd, which _alternative does not know.
std::string action(const CompletionPlace& place) {
  const std::string words = fmt::format("{}", fmt::join(place.words, " "));
  switch (place.kind) {
    case Kind::nothing: return "";
    case Kind::text: return words.empty() ? " " : "(" + words + ")";
    case Kind::folder: return "_files -/";
    case Kind::file: return words.empty() ? "_files" : fmt::format(R"sh( _alternative "names\:name\:({})" "files\:file\:_files")sh", words);
  }
  return "";
}

/// '--out=[folder to write the run into]:FOLDER:_files -/'. What other tools call it is understood but not offered ("!").
std::string option_lines(const CompletedOption& option) {
  const bool flag = option.value.kind == Kind::nothing;
  const std::string word = option.placeholder.empty() ? "value" : part(option.placeholder);
  const std::string value = flag ? "" : fmt::format(":{}:{}", word, action(option.value));
  std::string text;
  for (const std::string& name : option.words)
    text += fmt::format("    '{}{}[{}]{}'\n", name, flag ? "" : name.starts_with("--") ? "=" : "+", part(option.help), value);
  for (const std::string& name : option.others) text += fmt::format("    '!{}{}{}'\n", name, flag ? "" : "=", value);
  return text;
}

std::string functions(const std::string& name, const std::vector<CompletedCommand>& commands) {
  std::string text, list, choose;
  for (const CompletedCommand& command : commands) {
    const std::string inner = name + "_" + command.names.front();
    if (command.commands.empty()) {
      text += fmt::format("{}() {{\n  local -a specs=(\n", inner);
      for (const CompletedOption& option : command.options) text += option_lines(option);
      if (command.arguments.kind != Kind::nothing) text += fmt::format("    '*:argument:{}'\n", action(command.arguments));
      text += "  )\n  ((${#specs})) && _arguments -s -S : $specs\n}\n\n";
    } else {
      text += functions(inner, command.commands);
    }
    list += fmt::format("    '{}:{}'\n", command.names.front(), part(command.summary));
    choose += fmt::format("    {}) {} ;;\n", fmt::join(command.names, "|"), inner);
  }
  return text + fmt::format(
                    "{}() {{\n  local -a commands=(\n{}  )\n  if ((CURRENT == 2)); then _describe -t commands command commands; return; fi\n"
                    "  shift words\n  ((CURRENT--))\n  case $words[1] in\n{}  esac\n}}\n\n",
                    name, list, choose);
}

}  // namespace

std::string zsh_completion(const std::vector<CompletedCommand>& commands) { return kHead + functions("_graft", commands) + kTail; }

}  // namespace graft::cli
