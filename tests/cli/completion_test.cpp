// Completion in bash as a person has it: an interactive bash on a terminal of its own, and keys typed into it.
#include <gtest/gtest.h>
#include <pty.h>

#include <cstdlib>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;

/// What comes out of a bash in `folder` into which the lines are typed, a tab where \t stands.
std::string typed(const fs::path& folder, const std::string& lines) {
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    if (chdir(folder.c_str()) != 0) _exit(126);
    setenv("INPUTRC", "/dev/null", 1);
    setenv("TERM", "dumb", 1);
    setenv("HISTFILE", "", 1);
    setenv("GRAFT_CACHE", (folder / ".cache").c_str(), 1);
    execl("/bin/bash", "bash", "--norc", "--noprofile", "-i", nullptr);
    _exit(127);
  }
  EXPECT_EQ(write(terminal, lines.data(), lines.size()), static_cast<ssize_t>(lines.size()));
  std::string out;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(terminal, buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<std::size_t>(n));  // until bash has exited
  close(terminal);
  waitpid(child, nullptr, 0);
  return out;
}

class Completion : public testing::Test {
 protected:
  Completion() {
    write_file(folder_ / "two words.jpg", "");
    write_file(folder_ / "runs" / "first" / "model.onnx", "");
  }

  /// The words that stand there after the line was typed, each in <>.
  std::string completed(const std::string& line) {
    write_file(folder_ / "start", "eval \"$('" + std::string(GRAFT_BINARY) + "' completion bash)\"; graft() { printf '<%s>' \"$@\"; echo; }\n");
    const std::string out = typed(folder_.path(), "PS1=; . ./start\n" + line + "\nexit\n");
    const std::size_t end = out.rfind(">\r\n"), begin = out.rfind('\n', end);
    return end == std::string::npos ? out : out.substr(begin + 1, end - begin);
  }

  TestFolder folder_;
};

TEST_F(Completion, OfCommandsOptionsAndValues) {
  EXPECT_EQ(completed("graft emb\t"), "<embed>");
  EXPECT_EQ(completed("graft fit --unfr\t 2"), "<fit><--unfreeze><2>");
  EXPECT_EQ(completed("graft fit --optim\t adamw"), "<fit><--optimizer><adamw>");
  EXPECT_EQ(completed("graft fit --schedule plat\t"), "<fit><--schedule><plateau>");
  EXPECT_EQ(completed("graft fit --schedule=plat\t"), "<fit><--schedule=plateau>");
  EXPECT_EQ(completed("graft weights verif\t x.pth"), "<weights><verify><x.pth>");
  EXPECT_EQ(completed("graft weights get googl\t"), "<weights><get><googlenet>");
  EXPECT_EQ(completed("graft fit -b googl\t"), "<fit><-b><googlenet>");
}

TEST_F(Completion, OfTheWordsOfOtherTools) {
  EXPECT_EQ(completed("graft trai\t --learning\t 0.1"), "<train><--learning-rate><0.1>");
  EXPECT_EQ(completed("graft train --optimizer=rms\t"), "<train><--optimizer=rmsprop>");
}

TEST_F(Completion, OfHelp) {
  EXPECT_EQ(completed("graft hel\t fit\t al\t"), "<help><fit><all>");
  EXPECT_EQ(completed("graft help weights ver\t"), "<help><weights><verify>");
  EXPECT_EQ(completed("graft help augm\t"), "<help><augment>") << "as far as the command and the page agree";
  EXPECT_EQ(completed("graft help trus\t"), "<help><trust>");
  EXPECT_EQ(completed("graft help opti\t"), "<help><options>");
  EXPECT_EQ(completed("graft help doctor.\t"), "<help><doctor.md>") << "a page, and not the command";
  EXPECT_EQ(completed("graft help trust tw\t"), "<help><trust><tw>") << "nothing follows a page";
}

TEST_F(Completion, OfHelpInEveryShell) {
  const auto script = [&](const char* shell) { return run(folder_, {"completion", shell}).out; };
  const std::string fish = script("fish"), zsh = script("zsh");
  for (const char* line : {"complete -c graft -n '__graft_just 0' -a help -d 'print the help of a command, or a page of the documentation'\n",
                           "complete -c graft -n '__graft_just 1 \"help\"' -a first-model -d 'Your first model'\n",
                           "complete -c graft -n '__graft_just 1 \"help\"' -a options -d 'Options from A to Z'\n",
                           "complete -c graft -n '__graft_after \"help\" \"weights\"' -a 'list get info convert verify'\n"})
    EXPECT_NE(fish.find(line), std::string::npos) << line;
  for (const char* line : {"    'help:print the help of a command, or a page of the documentation'\n", "    'options:Options from A to Z'\n",
                           "_graft_help_weights() {\n  local -a specs=(\n    '*:argument:(list get info convert verify)'\n",
                           "    fit|train|finetune|fine-tune) _graft_help_fit ;;\n"})
    EXPECT_NE(zsh.find(line), std::string::npos) << line;
}

TEST_F(Completion, OfFilesAndFolders) {
  EXPECT_EQ(completed("graft predict runs/fi\t tw\t"), "<predict><runs/first/><two words.jpg>") << "files with blanks are quoted";
  EXPECT_EQ(completed("graft fit --out ru\t"), "<fit><--out><runs/>");
  EXPECT_EQ(completed("graft fit --out tw\t"), "<fit><--out><tw>") << "that is no folder";
  EXPECT_EQ(completed("graft fit --epochs tw\t"), "<fit><--epochs><tw>") << "numbers are no files";
}

TEST_F(Completion, OfEveryShellIsMadeFromTheOptions) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const Finished done = run(folder_, {"completion", shell});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    const std::string option = shell == "fish" ? "-l focal-gamma" : "--focal-gamma";
    for (const std::string& word : {option, std::string("resnet50"), std::string("balanced-softmax"), std::string("weights")})
      EXPECT_NE(done.out.find(word), std::string::npos) << shell << " " << word;
  }
  expect_refused(run(folder_, {"completion", "tcsh"}), 2, "shell tcsh: expected bash, zsh or fish");
  expect_refused(run(folder_, {"completion"}), 2, "shell: missing; usage: graft completion SHELL [options]");
}

TEST_F(Completion, TheManualHasEveryCommandAndOption) {
  const Finished written = run(folder_, {"man", "--out", "man/man1"});
  EXPECT_EQ(written.exit_code, 0) << written.err;
  const std::vector<std::string> pages = listing(folder_ / "man" / "man1");
  for (const std::string page : {"graft.1", "graft-fit.1", "graft-weights.1", "graft-weights-get.1"})
    EXPECT_NE(std::find(pages.begin(), pages.end(), page), pages.end()) << page;
  const Finished fit = run(folder_, {"man", "fit"});
  EXPECT_EQ(fit.out, as_text(read_file(folder_ / "man" / "man1" / "graft-fit.1")));
  EXPECT_TRUE(fit.out.starts_with(".TH GRAFT\\-FIT 1 ")) << fit.out;
  EXPECT_NE(fit.out.find(
                ".TP\n\\fB\\-\\-focal\\-gamma NUMBER\\fR\nexponent of \\-\\-loss focal: the loss is multiplied by (1 \\- probability) to this power"),
            std::string::npos)
      << fit.out;
  for (const std::string& line : {std::string("\n.SH EXIT STATUS\n"), std::string("\n.SS Distillation\n"), std::string("\n.SH EXAMPLES\n")})
    EXPECT_NE(fit.out.find(line), std::string::npos) << line;
  expect_refused(run(folder_, {"man", "ftt"}), 2, "ftt: no such command; did you mean graft man fit?");
}

}  // namespace
}  // namespace graft
