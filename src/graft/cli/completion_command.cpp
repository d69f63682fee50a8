#include "graft/cli/completion.h"

namespace graft::cli {
namespace {

const CommandText kCompletionText{
    "graft completion",
    "Print a script that makes the shell complete graft's commands, options, their values and files. If you write it into a file, print it again "
    "after an update of graft.",
    {"eval \"$(graft completion bash)\"    # in ~/.bashrc", "graft completion zsh > ~/.zsh/completions/_graft    # a folder of $fpath",
     "graft completion fish > ~/.config/fish/completions/graft.fish"}};

struct CompletionOptions {
  std::string shell;

  void fields(FieldList& v) { v.positional("shell", shell, "which one", one_of({"bash", "zsh", "fish"})); }
};

}  // namespace

CommandReference completion_reference() { return reference_of<CompletionOptions>(kCompletionText); }

int completion_command(std::span<const std::string> words) {
  const auto config = read_config<CompletionOptions>(kCompletionText, words);
  if (!config) return 0;
  const std::vector<CompletedCommand> commands = completed_commands(program());
  const std::string& shell = config->values.shell;
  print(shell == "bash" ? bash_completion(commands) : shell == "zsh" ? zsh_completion(commands) : fish_completion(commands));
  return 0;
}

}  // namespace graft::cli
