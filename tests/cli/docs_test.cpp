// Every command in README, docs/, ARCHITECTURE and CONTRIBUTING is one that graft takes, and those of the pages that a newcomer reads first run.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "cli/program.h"
#include "graft/base/text.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
const fs::path kProject = fs::path(GRAFT_TESTS).parent_path();

std::string text_of_file(const fs::path& file) { return std::string(as_text(read_file(file))); }

/// The pages of docs/, sorted.
std::vector<fs::path> docs() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kProject / "docs"))
    if (entry.path().extension() == ".md") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

/// Every page that has commands, in any language.
std::vector<fs::path> pages() {
  std::vector<fs::path> files = docs();
  for (const fs::path& folder : {kProject, kProject / "docs" / "zh-CN"})
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".md" && entry.path().filename() != "THIRD_PARTY_NOTICES.md") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

struct Told {
  std::string command;
  bool whole;  // in a block, to be pasted; otherwise in a sentence, which may omit words
};

/// Whether graft is run somewhere in the line: "graft fit photos/", "for ...; do graft fit ...", "eval \"$(graft completion bash)\"".
bool has_a_command(const std::string& line) {
  static const std::regex kCommand(R"((^|[ (;|&])graft [A-Za-z])");
  return std::regex_search(line, kCommand);
}

/// The commands of a page, each once: the lines of ``` blocks, without the "$ " of a transcript, and `graft ...` in sentences.
std::vector<Told> commands_of(const fs::path& page) {
  std::vector<Told> told;
  std::set<std::string> seen;
  const auto add = [&](const std::string& command, bool whole) {
    if (seen.insert(command).second) told.push_back({command, whole});
  };
  std::string fence, prose;  // of the block that is open
  for (const std::string& line : split(text_of_file(page), '\n')) {
    if (line.starts_with("```")) fence = fence.empty() ? line : "";
    else if (fence.starts_with("```") && line.starts_with("$ graft ")) add(line.substr(2), true);
    else if (fence == "```" && has_a_command(line)) add(line, true);
    else if (fence.empty()) prose += line + " ";
    // What graft printed ("next:  graft predict ...") is in blocks of `text`; in any other block a command would not be tried.
    else
      EXPECT_TRUE(fence == "```" || fence == "```text" || !has_a_command(line)) << page.filename() << ": " << line << " is in a block of " << fence;
  }
  const std::vector<std::string> parts = split(prose, '`');  // outside and inside by turns
  for (std::size_t i = 1; i < parts.size(); i += 2)
    if (has_a_command(parts[i])) add(parts[i], false);
  return told;
}

/// Runs the line in bash, where `graft` is the program; a training is a small one by the options of small/head.toml or small/full.toml.
Finished in_bash(const TestFolder& folder, const std::string& line, bool small) {
  const std::string more =
      "case \"$*\" in *--config*|*--resume*) ;; fit*' full'*) set -- \"$@\" --config small/full.toml;; "
      "fit*) set -- \"$@\" --config small/head.toml;; esac; ";
  const std::string graft = "graft() { " + (small ? more : "") + "'" + std::string(GRAFT_BINARY) + "' \"$@\"; }; ";
  return run(folder, {"-c", "set -o pipefail; man() { cat > /dev/null; }; mail-somebody() { :; }; " + graft + line + "\n"}, "/bin/bash");
}

/// Words in capitals stand for something that exists.
std::string with_names(std::string command) {
  for (const auto& [word, name] : {std::pair{"graft COMMAND", "graft fit"}, {"models NAME", "models resnet18"}, {"help NAME", "help data"}})
    if (const std::size_t at = command.find(word); at != command.npos) command.replace(at, std::string(word).size(), name);
  return command;
}

/// In an empty folder every command must get as far as the files that are not there.
TEST(Docs, EveryCommandIsOneThatGraftTakes) {
  const TestFolder empty;
  int commands = 0;
  for (const fs::path& page : pages())
    for (const Told& told : commands_of(page)) {
      if (told.command.starts_with("graft weights get ") && told.whole) continue;  // would download; a test of its own
      const Finished done = in_bash(empty, with_names(told.command), false);
      const bool cut_short =
          !told.whole && (done.err.find(": missing; usage: ") != done.err.npos || done.err.find(": needs a value") != done.err.npos ||
                          done.err.find("graft weights COMMAND") != done.err.npos);
      EXPECT_TRUE(done.exit_code == 0 || done.exit_code == 1 || (done.exit_code == 2 && cut_short))
          << page.filename() << ": " << told.command << "\nexit code " << done.exit_code << ": " << done.err;
      ++commands;
    }
  EXPECT_GT(commands, 150);
}

/// The examples of every command's help, too.
TEST(Docs, EveryExampleOfTheHelpIsOneThatGraftTakes) {
  const TestFolder empty;
  std::vector<std::string> commands;
  for (const std::string group : {"", "weights "})
    for (const std::string& line : split(in_bash(empty, "graft " + group + "--help", false).out, '\n'))
      if (line.starts_with("  ") && line != "  ") commands.push_back(group + line.substr(2, line.find(' ', 2) - 2));
  int examples = 0;
  for (const std::string& command : commands) {
    const std::string help = in_bash(empty, "graft " + command + " --help", false).out;
    const std::size_t at = help.find("\nExamples:\n");
    if (at == help.npos) continue;
    for (const std::string& line : split(help.substr(at + 11), '\n')) {
      if (!line.starts_with("  graft ") || line.starts_with("  graft weights get") || line.starts_with("  graft man --out")) continue;
      const Finished done = in_bash(empty, line, false);
      EXPECT_LE(done.exit_code, 1) << line << "\n" << done.err;
      ++examples;
    }
  }
  EXPECT_GT(examples, 50);
}

/// What the pages speak of: photos in parts, a run of them under every name, tables of what is known of the photos.
class DocsRun : public testing::TestWithParam<const char*> {
 protected:
  DocsRun() {
    const std::vector<std::string> classes{"broken", "fine"};
    std::string groups = "path,sex,age,site\n", labels = "path,label\n", holdout = "path,label,sex,site\n";
    int number = 0;
    for (const std::string folder : {"photos/train", "photos/val", "photos/test", "insects", "holdout", "new_photos"})
      for (std::size_t kind = 0; kind < 2; ++kind)
        for (int i = 0; i < 12; ++i, ++number) {
          const std::string file = folder + "/" + classes[kind] + "/" + std::to_string(i) + ".bmp", sex = i % 2 == 0 ? "f" : "m",
                            site = i % 3 == 0 ? "A" : "B";
          write_file(folder_ / file, made_photo(static_cast<int>(kind), number));
          groups += file + "," + sex + "," + std::to_string(30 + i) + "," + site + "\n";
          if (folder == "photos/train") labels += file + "," + classes[kind] + "\n";
          if (folder == "holdout") holdout += file + "," + classes[kind] + "," + sex + "," + site + "\n";
        }
    fs::copy_file(folder_ / "photos/train/fine/0.bmp", folder_ / "photos/train/fine/copy.bmp");  // for the doctor
    groups += "photos/train/fine/copy.bmp,f,30,A\n";
    write_file(folder_ / "patients.csv", groups), write_file(folder_ / "labels.csv", labels), write_file(folder_ / "holdout.csv", holdout);
    for (const std::string name : {"photo.jpg", "new.jpg"}) write_file(folder_ / name, made_photo(0, 500));
    write_file(folder_ / "small/head.toml", "size = 64\nprecision = \"float32\"\nstrategy = \"head\"\nl2 = 0.1\nfeatures = \"last\"\n");
    write_file(folder_ / "small/full.toml", "size = 64\nprecision = \"float32\"\nepochs = 1\n");
    const Finished trained = in_bash(folder_, "graft fit photos/ --out runs/NAME -q", true);
    EXPECT_EQ(trained.exit_code, 0) << trained.err;
    for (const std::string name : {"cells", "other", "skin"}) fs::copy(folder_ / "runs/NAME", folder_ / "runs" / name);
  }

  TestFolder folder_;
};

TEST_P(DocsRun, OneAfterAnother) {
  int commands = 0;
  for (const Told& told : commands_of(kProject / GetParam())) {
    if (!told.whole) continue;
    const Finished done = in_bash(folder_, told.command, true);
    EXPECT_EQ(done.exit_code, 0) << told.command << "\n" << done.err;
    ++commands;
  }
  EXPECT_GT(commands, 0);
}

INSTANTIATE_TEST_SUITE_P(Pages, DocsRun,
                         testing::Values("README.md", "docs/first-model.md", "docs/measuring.md", "docs/doctor.md", "docs/trust.md",
                                         "docs/deploying.md", "docs/augmentation.md", "docs/groups.md"));

/// `graft help` has each page of docs/, as it is.
TEST(Docs, AreAPartOfTheProgram) {
  const TestFolder empty;
  const std::string contents = run(empty, {"help"}).out;
  EXPECT_TRUE(contents.starts_with(run(empty, {"--help"}).out)) << contents;
  for (const fs::path& page : docs()) {
    const std::string file = page.filename().string(), name = page.stem().string(), text = text_of_file(page);
    EXPECT_EQ(run(empty, {"help", file}).out, text);
    ASSERT_TRUE(text.starts_with("# "));
    EXPECT_NE(contents.find("  " + text.substr(2, text.find('\n') - 2) + "\n"), contents.npos) << file;
  }
  EXPECT_EQ(run(empty, {"help", "data"}).out, text_of_file(kProject / "docs/data.md"));
  EXPECT_EQ(run(empty, {"help", "doctor"}).out, run(empty, {"doctor", "--help"}).out) << "a command goes before the page of its name";
  EXPECT_NE(contents.find("\n  doctor.md "), contents.npos) << contents;
}

/// docs/options.md is what the program makes of its own lists (AreAPartOfTheProgram compares them): it has every option that a command's help shows.
TEST(Docs, TheOptionsPageHasEveryOption) {
  const TestFolder empty;
  const std::string page = run(empty, {"help", "options"}).out;
  EXPECT_EQ(page, text_of_file(kProject / "docs/options.md")) << "graft help options > docs/options.md";
  const std::regex option(R"((^|\n)  (?:-\w, )?(--[^ \n]+))");
  int options = 0;
  for (const std::string command : {"fit", "predict", "eval", "doctor", "tune", "weights get", "cache"}) {
    std::vector<std::string> words = split(command, ' ');
    words.insert(words.end(), {"--help", "all"});
    const std::string help = run(empty, words).out;
    for (auto at = std::sregex_iterator(help.begin(), help.end(), option); at != std::sregex_iterator(); ++at, ++options) {
      const std::string name = (*at)[2];
      EXPECT_TRUE(page.find(name + "`") != page.npos || page.find(name + " ") != page.npos) << command << " " << name;
    }
  }
  EXPECT_GT(options, 200);
}

TEST(Docs, AnUnknownTopicGetsTheNearestOne) {
  const TestFolder empty;
  const auto refused = [&](const std::vector<std::string>& words, const std::string& line) { expect_refused(run(empty, words), 2, line); };
  refused({"help", "trainnig"}, "trainnig: no such command or topic; did you mean `graft help training`?");
  refused({"help", "fti"}, "fti: no such command or topic; did you mean `graft help fit`?");
  refused({"help", "zebra-crossing"}, "zebra-crossing: no such command or topic; see `graft help`");
  refused({"help", "data", "now"}, "now: comes after the topic; usage: graft help TOPIC");
  refused({"weights", "help", "gte"}, "weights gte: no such command; did you mean `graft weights help get`?");
}

/// What would be fetched is named in the tables, and nothing is fetched here.
TEST(Docs, WeightsToDownloadAreKnown) {
  const TestFolder empty;
  for (const fs::path& page : pages())
    for (const Told& told : commands_of(page)) {
      const std::string start = "graft weights get ";
      if (!told.whole || !told.command.starts_with(start)) continue;
      const std::string name = told.command.substr(start.size(), told.command.find(' ', start.size()) - start.size());
      EXPECT_EQ(run(empty, {"models", name}).exit_code, 0) << told.command;
    }
}

}  // namespace
}  // namespace graft
