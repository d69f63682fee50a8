// The words of the command line: help is the reference, so it is kept to the letter in tests/cli/goldens.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "cli/program.h"
#include "graft/study/study.h"

namespace graft {
namespace {

class CommandLine : public testing::Test {
 protected:
  void expect_error(const std::vector<std::string>& words, const std::string& line) { expect_refused(run(folder_, words), 2, line); }
  TestFolder folder_;
};

TEST_F(CommandLine, HelpIsAsInTheGoldens) {
  for (const std::string command : {"fit",     "adapt",  "predict", "calibrate", "eval",     "explain", "verify",   "doctor",    "drift",
                                    "embed",   "import", "search",  "shots",     "episodes", "meta",    "pretrain", "add-class", "remove-class",
                                    "sources", "tune",   "augment", "models",    "cache",    "report",  "show",     "version"}) {
    const Finished done = run(folder_, {command, "--help"});
    EXPECT_EQ(done.exit_code, 0);
    const auto golden = read_file(GRAFT_TESTS "/cli/goldens/" + command + ".txt");
    EXPECT_EQ(done.out, as_text(golden)) << "if the change is meant: graft " << command << " --help > tests/cli/goldens/" << command << ".txt";
  }
}

/// `graft fit` has more options than anybody reads: --help has the usual ones on a page, --help all every one.
TEST_F(CommandLine, TheWholeHelpOfFitIsAskedFor) {
  const Finished all = run(folder_, {"fit", "--help", "all"}), usual = run(folder_, {"fit", "-h"});
  EXPECT_EQ(all.out, as_text(read_file(GRAFT_TESTS "/cli/goldens/fit_all.txt"))) << "graft fit --help all > tests/cli/goldens/fit_all.txt";
  EXPECT_EQ(run(folder_, {"help", "fit", "all"}).out, all.out);
  EXPECT_EQ(run(folder_, {"help", "fit"}).out, usual.out);
  EXPECT_LE(std::ranges::count(usual.out, '\n'), 45);
  EXPECT_NE(usual.out.find("graft fit --help all"), std::string::npos);
}

/// Both ways: every option in `fields` is in the help with its sentence, and the help has no other option than these and those of every command.
TEST_F(CommandLine, TheWholeHelpOfFitHasEveryOptionAndNoOther) {
  const std::string help = run(folder_, {"fit", "--help", "all"}).out, flat = std::regex_replace(help, std::regex("\\s+"), " ");
  std::set<std::string> listed{"json", "quiet", "config", "help"}, shown;
  study::FitStudyConfig config;
  for (const Field& field : list_fields(config)) {
    if (!field.positional) listed.insert(field.name);
    EXPECT_NE(flat.find(" " + field.help), flat.npos) << field.name << ": " << field.help;
  }
  const std::regex option(R"(\n  (?:-\w, )?--(?:\[no-\])?([a-z0-9-]+))");
  for (auto at = std::sregex_iterator(help.begin(), help.end(), option); at != std::sregex_iterator(); ++at) shown.insert((*at)[1]);
  EXPECT_EQ(shown, listed);
  const std::string usual = run(folder_, {"fit", "--help"}).out;
  EXPECT_NE(usual.find("(all " + std::to_string(listed.size()) + ": "), usual.npos) << usual;
}

TEST_F(CommandLine, MistakesGetTheNextStep) {
  expect_error({"fti"}, "fti: no such command; did you mean `graft fit`?");
  expect_error({"fit"}, "data: missing; usage: graft fit DATA [options], or graft fit --resume RUN");
  expect_error({"fit", "photos", "--bakbone", "resnet18"}, "--bakbone: no such option; did you mean --backbone?");
  expect_error({"fit", "photos", "--backbone"}, "--backbone: needs a value");
  expect_error({"fit", "photos", "--l2", "1e-3x"}, "--l2 1e-3x: expected a number or auto");
  expect_error({"fit", "photos", "--l2", "0"}, "--l2 0: expected above 0");
  expect_error({"fit", "photos", "--threads", "0"}, "--threads 0: expected between 1 and 1024");
  expect_error({"fit", "photos", "--precision", "fp16"}, "--precision fp16: expected auto, float32 or bf16");
  expect_error({"models", "resnet81"}, "backbone 'resnet81': no such network; did you mean resnet18?");
}

TEST_F(CommandLine, NoCommandShowsTheCommands) {
  EXPECT_EQ(run(folder_, {}).exit_code, 2);
  const Finished help = run(folder_, {"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("usage: graft COMMAND [options]\n\nTrain\n  fit  "), std::string::npos) << help.out;
  for (const char* title : {"Check a model\n  eval ", "Use a model\n  predict ", "Look at photos first\n  doctor ", "From a few photos\n  shots ",
                            "Networks and the program\n  models "})
    EXPECT_NE(help.out.find("\n\n" + std::string(title)), std::string::npos) << title;
}

TEST_F(CommandLine, VersionOnItsOwn) {
  const Finished done = run(folder_, {"--version"});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_TRUE(done.out.starts_with("graft 0.")) << done.out;
}

}  // namespace
}  // namespace graft
