#include <fmt/format.h>

#include "graft/cli/completion.h"

namespace graft::cli {
namespace {

using Kind = CompletionPlace::Kind;

// Where nothing is answered, `complete -o default` has bash complete file names as it always does, quotes and ~ included.
constexpr const char* kHead = R"sh(# Completion of graft for bash. In ~/.bashrc: eval "$(graft completion bash)"

# Those of the words $1 that begin as what is typed; of $2 where there is none.
_graft_words() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current")
  ((${#COMPREPLY[@]})) || mapfile -t COMPREPLY < <(compgen -W "${2-}" -- "$current")
  ((${#COMPREPLY[@]})) || [[ -n $files ]] || compopt +o default 2>/dev/null
}

_graft() {
  local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} at=1
  local options='' others='' words='' files=''
  COMPREPLY=()
  # bash takes --option=value for three words
  if [[ $current == '=' ]]; then current=''
  elif [[ $option == '=' ]]; then option=${COMP_WORDS[COMP_CWORD - 2]}
  fi
)sh";

constexpr const char* kTail = R"sh(
  if [[ $current == -* ]]; then _graft_words "$options" "$others"
  elif [[ -n $words || -z $files ]]; then _graft_words "$words"
  fi
}

complete -o default -F _graft graft
)sh";

std::string joined(const std::vector<std::string>& words, const char* between = " ") { return fmt::format("{}", fmt::join(words, between)); }

/// A line of `case $option in` for each value that can be completed, one for all that cannot.
std::string value_cases(const CompletedCommand& command, const std::string& indent) {
  std::string text, files, folders, anything;
  for (const CompletedOption& option : command.options) {
    if (option.value.kind == Kind::nothing) continue;
    std::vector<std::string> names = option.words;
    names.insert(names.end(), option.others.begin(), option.others.end());
    const std::string pattern = joined(names, "|");
    std::string& others = option.value.kind == Kind::file ? files : option.value.kind == Kind::folder ? folders : anything;
    if (option.value.words.empty()) others += (others.empty() ? "" : "|") + pattern;
    else if (option.value.kind == Kind::file) text += fmt::format("{}  {}) files=1 words='{}' ;;\n", indent, pattern, joined(option.value.words));
    else text += fmt::format("{}  {}) _graft_words '{}'; return ;;\n", indent, pattern, joined(option.value.words));
  }
  if (!files.empty()) text += fmt::format("{}  {}) return ;;\n", indent, files);
  if (!folders.empty()) text += fmt::format("{}  {}) compopt +o default -o dirnames 2>/dev/null; return ;;\n", indent, folders);
  if (!anything.empty()) text += fmt::format("{}  {}) compopt +o default 2>/dev/null; return ;;\n", indent, anything);
  return fmt::format("{0}case $option in\n{1}{0}  *) words='{2}' files={3} ;;\n{0}esac\n", indent, text, joined(command.arguments.words),
                     command.arguments.kind == Kind::file ? "1" : "''");
}

std::string cases(const std::vector<CompletedCommand>& commands, const std::string& indent, bool takes_help);

std::string case_of(const CompletedCommand& command, const std::string& indent) {
  std::string text = fmt::format("{}{})\n", indent, joined(command.names, "|"));
  const std::string inner = indent + "  ";
  if (!command.commands.empty()) {
    text += fmt::format("{}at=2 command=${{COMP_WORDS[2]}}\n", inner) + cases(command.commands, inner, command.takes_help);
  } else {
    std::vector<std::string> options, others;
    for (const CompletedOption& option : command.options) {
      options.insert(options.end(), option.words.begin(), option.words.end());
      others.insert(others.end(), option.others.begin(), option.others.end());
    }
    text += fmt::format("{0}options='{1}'\n{0}others='{2}'\n", inner, joined(options), joined(others)) + value_cases(command, inner);
  }
  return text + inner + ";;\n";
}

std::string cases(const std::vector<CompletedCommand>& commands, const std::string& indent, bool takes_help) {
  std::vector<std::string> names, others;
  std::string text;
  for (const CompletedCommand& command : commands) {
    names.push_back(command.names.front());
    others.insert(others.end(), command.names.begin() + 1, command.names.end());
    text += case_of(command, indent);
  }
  return fmt::format("{0}if ((COMP_CWORD == at)); then _graft_words '{1}{4}' '{2}'; return; fi\n{0}case $command in\n{3}{0}esac\n", indent,
                     joined(names), joined(others), text, takes_help ? " --help" : "");
}

}  // namespace

std::string bash_completion(const std::vector<CompletedCommand>& commands) { return kHead + cases(commands, "  ", true) + kTail; }

}  // namespace graft::cli
