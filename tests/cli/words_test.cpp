// The program spoken to in the words of other tools, by scripts and with names that a shell would take apart.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "graft/base/other_names.h"
#include "graft/base/text.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class SpokenTo : public testing::Test {
 protected:
  /// Photos in a folder whose name a shell would split.
  SpokenTo() { make_photos(folder_ / "my photos", {"across", "down"}, 10); }

  Finished fit(std::vector<std::string> more) {
    std::vector<std::string> words{"fit", "my photos", "--strategy", "head", "--features", "last", "--l2", "0.1", "--precision", "float32"};
    words.insert(words.end(), more.begin(), more.end());
    return run(folder_, words);
  }
  std::string config_of(const std::string& run) { return std::string(as_text(read_file(folder_ / run / "config.toml"))); }

  TestFolder folder_;
};

/// What follows "next:  " in a report, as bash takes it apart.
std::vector<std::string> next_words(const TestFolder& folder, const std::string& report) {
  const std::string next = report.substr(report.find("next:  ") + 7);
  return split(run(folder, {"-c", "printf '%s\n' " + next.substr(0, next.find('\n'))}, "/bin/bash").out, '\n');
}

TEST_F(SpokenTo, OtherToolsWordsTrainAndTheRecordsHoldGraftsOwn) {
  const Finished done = run(folder_, {"train", "my photos", "--model", "efficientnet_lite0", "--imgsz=64", "--strategy", "head", "--l2", "0.1",
                                      "--val_split", "0.3", "--precision", "float32", "--output", "a"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const std::string config = config_of("a");
  for (const char* line :
       {"backbone = \"efficientnet_lite0\"  # flag\n", "size = 64  # flag\n", "val-fraction = 0.3  # flag\n", "out = \".\"  # flag\n"})
    EXPECT_NE(config.find(line), std::string::npos) << line << config;
  EXPECT_EQ(config.find("imgsz"), std::string::npos);
}

TEST_F(SpokenTo, TheNextStepCanBePasted) {
  const Finished done = fit({"--out", "it's mine"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(next_words(folder_, done.out), (std::vector<std::string>{"graft", "predict", "it's mine", "photo.jpg", ""})) << done.out;
}

TEST_F(SpokenTo, QuietIsQuietAndAnswersStay) {
  const Finished trained = fit({"--out", "run", "--quiet"});
  EXPECT_EQ(trained.exit_code, 0);
  EXPECT_EQ(trained.out + trained.err, "");
  const Finished predicted = run(folder_, {"predict", "run", "my photos/down/1.bmp", "--quiet"});
  EXPECT_TRUE(predicted.out.starts_with("my photos/down/1.bmp  down ")) << predicted.out << predicted.err;
  EXPECT_EQ(predicted.err, "");
  EXPECT_NE(run(folder_, {"eval", "run", "my photos", "-q"}).out, "");
}

TEST_F(SpokenTo, AConfigOfARunRepeatsItIntoANewFolder) {
  ASSERT_EQ(fit({"--out", "a b"}).exit_code, 0);
  const Finished again = run(folder_, {"fit", "--config", "a b/config.toml"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(again.err.starts_with("a b already exists and is kept: this run goes into a new folder\n")) << again.err;
  const std::string second = next_words(folder_, again.out)[2];
  EXPECT_TRUE(second.starts_with("runs/my photos-")) << second;
  EXPECT_EQ(read_file(folder_ / "a b" / "model.onnx"), read_file(folder_ / second / "model.onnx"));
  EXPECT_EQ(run(folder_, {"fit", "--config", "a b/config.toml", "--out", "a b"}).err,
            "graft: a b: already exists; choose another --out or remove it\n");
}

TEST_F(SpokenTo, ErrorsAreALineOfJsonWhereResultsAre) {
  const auto error_of = [](const Finished& done) {
    EXPECT_EQ(done.out, "");
    EXPECT_EQ(std::count(done.err.begin(), done.err.end(), '\n'), 1) << done.err;
    return json::parse(done.err).at("error");
  };
  EXPECT_EQ(error_of(run(folder_, {"fit", "nowhere", "--json", "--epohcs", "3"})),
            (json{{"kind", "usage"},
                  {"subject", "--epohcs"},
                  {"fact", "no such option"},
                  {"hint", "did you mean --epochs?"},
                  {"message", "--epohcs: no such option; did you mean --epochs?"},
                  {"exit_code", 2}}));
  const json missing = error_of(run(folder_, {"eval", "nowhere", "my photos", "--json"}));
  EXPECT_EQ(missing["kind"], "data");
  EXPECT_EQ(missing["exit_code"], 1);
  EXPECT_EQ(error_of(run(folder_, {"--json"}))["kind"], "usage");
  write_file(folder_ / "json.toml", "json = true\n");
  EXPECT_EQ(error_of(run(folder_, {"eval", "nowhere", "my photos", "--config", "json.toml"})), missing) << "the file asks for JSON";
  EXPECT_EQ(run(folder_, {"eval", "nowhere", "my photos", "--json", "--no-json"}).err, "graft: --json: given twice\n");
}

TEST_F(SpokenTo, APhotoThatCannotBeReadIsALineOfJsonToo) {
  write_file(folder_ / "bad.bmp", "BM");
  const Finished done = run(folder_, {"predict", "efficientnet_lite0", "bad.bmp", "my photos/down/1.bmp", "--json", "--quiet"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_EQ(json::parse(done.out)["path"], "my photos/down/1.bmp");
  EXPECT_EQ(json::parse(done.err)["error"]["subject"], "bad.bmp");
}

TEST_F(SpokenTo, CommandsHaveOtherNamesToo) {
  const auto refused = [&](const std::vector<std::string>& words, const std::string& line) { expect_refused(run(folder_, words), 2, line); };
  for (const char* word : {"train", "finetune"}) refused({word, "x", "--zebra-crossing"}, "--zebra-crossing: no such option; see graft fit --help");
  for (const char* word : {"val", "test", "validate", "evaluate"}) refused({word}, "model: missing; usage: graft eval MODEL DATA [options]");
  refused({"infer"}, "model: missing; usage: graft predict MODEL PHOTOS... [options]");
  refused({"export", "run"}, "export: no such command; a run folder holds model.onnx already, which any ONNX runtime runs, and weights.safetensors");
  refused({"--epochs", "3"}, "--epochs: comes before the command; usage: graft COMMAND [options]");
  refused({"weights", "fecth"}, "weights fecth: no such command; did you mean `graft weights fetch`?");
  EXPECT_EQ(run(folder_, {"help", "fit"}).out, run(folder_, {"fit", "--help"}).out);
  EXPECT_EQ(run(folder_, {"help", "weights", "get"}).out, run(folder_, {"weights", "get", "--help"}).out);
  EXPECT_EQ(run(folder_, {"-V"}).out, run(folder_, {"version"}).out);
}

TEST_F(SpokenTo, EveryWordOfAnotherToolBelongsToAnOptionAndIsNone) {
  std::vector<std::string> helps;
  for (const char* command : {"fit", "predict", "embed", "shots"}) helps.push_back(run(folder_, {command, "--help", "all"}).out);
  for (const OtherName& name : other_names()) {
    const auto has = [](const std::string& help, const char* option) { return help.find("--" + std::string(option) + " ") != std::string::npos; };
    EXPECT_TRUE(std::ranges::any_of(helps, [&](const std::string& help) { return has(help, name.option); })) << name.option;
    for (const std::string& help : helps)
      EXPECT_FALSE(has(help, name.option) && help.find("  --" + std::string(name.word) + " ") != std::string::npos) << name.word << " is graft's own";
  }
}

}  // namespace
}  // namespace graft
