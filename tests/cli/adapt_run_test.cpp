// `graft adapt --from RUN`: a model for other photos of a run alone, without those that it learned.
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Words = std::vector<std::string>;

/// A run on two kinds of photos, which are gone; other/: 20 of elsewhere; test/: such with labels.
class AdaptRun : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = new TestFolder;
    make_photos(*made_ / "photos", {"across", "down"}, 12);
    const Finished done = graft::run(*made_, {"fit", "photos", "--size", "64", "--strategy", "head", "--features", "last", "--no-mirror",
                                              "--precision", "float32", "--out", "learned", "-q"});
    ASSERT_EQ(done.exit_code, 0) << done.err;
    fs::copy_file(*made_ / "photos/across/0.bmp", *made_ / "known.bmp");
    fs::remove_all(*made_ / "photos");
    for (int kind = 0; kind < 2; ++kind)
      for (int i = 0; i < 10; ++i) {
        const std::string name = std::to_string(kind) + std::to_string(i) + ".bmp";
        write_file(*made_ / "other" / name, made_photo(kind, 100 + i, 72, 90));
        write_file(*made_ / "test" / (kind == 0 ? "across" : "down") / name, made_photo(kind, 200 + i, 72, 90));
      }
  }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }
  static Finished adapt(const Words& more) {
    Words words{"adapt", "--from", "learned", "--target", "other"};
    words.insert(words.end(), more.begin(), more.end());
    return graft::run(*made_, words);
  }
  static json json_of(const std::string& file) { return json::parse(as_text(read_file(*made_ / file))); }
  static std::string text_of(const std::string& file) { return std::string(as_text(read_file(*made_ / file))); }
  static void expect_error(const Words& more, int exit_code, const std::string& line) { expect_failed(*made_, adapt(more), exit_code, line); }

  inline static TestFolder* made_ = nullptr;
};

TEST_F(AdaptRun, IsARunOfItsOwn) {
  const Finished done = adapt({"--target-test", "test", "--method", "shot", "--epochs", "4", "--out", "shot"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.out.find("\nadapted from the run alone to 20 unlabeled photos of the target\n"), std::string::npos) << done.out;
  EXPECT_EQ(listing(*made_ / "shot"), (Words{"config.toml", "cost.json", "eval.json", "history.csv", "history.json", "model.onnx", "predictions.csv",
                                             "trained_on.npy", "weights.safetensors"}));
  const json found = json_of("shot/history.json")["adaptation"];
  EXPECT_EQ(found["chosen"], "shot");
  EXPECT_EQ(found["source_photos"], 0);
  EXPECT_EQ(found["methods"][1]["back"], nullptr);
  EXPECT_EQ(json::parse(graft::run(*made_, {"eval", "shot", "test", "--json"}).out)["accuracy"], found["target_test"]["accuracy"]);
  EXPECT_EQ(graft::run(*made_, {"verify", "shot"}).exit_code, 0);
  const std::string model = text_of("shot/model.onnx");  // of both domains
  EXPECT_NE(model.find(R"("adaptation":{"method":"shot","target":{"name":"other","images":20}})"), std::string::npos);
  EXPECT_NE(model.find(R"("name":"photos")"), std::string::npos);
  const Finished again = graft::run(*made_, {"adapt", "--config", "shot/config.toml", "--out", "again", "-q"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(text_of("again/model.onnx"), text_of("shot/model.onnx"));
}

TEST_F(AdaptRun, ComparesWhatNeedsNoPhotoOfTheSource) {
  const Finished done = adapt({"--epochs", "2", "--out", "chosen"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json found = json_of("chosen/history.json")["adaptation"];
  Words methods;
  for (const json& m : found["methods"]) methods.push_back(m["method"]);
  EXPECT_EQ(methods, (Words{"none", "adabn", "shot"}));
  EXPECT_FALSE(fs::exists(*made_ / "chosen/eval.json")) << "nothing was measured";
  EXPECT_EQ(graft::run(*made_, {"predict", "chosen", "known.bmp"}).exit_code, 0);
  const std::string shown = graft::run(*made_, {"show", "chosen"}).out;
  EXPECT_TRUE(shown.starts_with("chosen, made without labeled photos: its accuracy is not known\nadapted to 20 unlabeled photos: ")) << shown;
  EXPECT_NE(shown.find("next:   graft eval chosen PHOTOS, with labeled photos, measures it\n"), std::string::npos) << shown;
  for (const Words& words : {Words{"report", "chosen"}, Words{"drift", "chosen", "test"}, Words{"compare", "chosen", "learned"}})
    expect_refused(
        graft::run(*made_, words), 1,
        "chosen: was made without labeled photos to measure it on; measure it: graft eval chosen PHOTOS; a run with answers to labeled photos: "
        "graft calibrate chosen PHOTOS");
}

TEST_F(AdaptRun, NoneIsTheRun) {
  ASSERT_EQ(adapt({"--method", "none", "--out", "none", "-q"}).exit_code, 0);
  EXPECT_EQ(graft::run(*made_, {"eval", "none", "test", "--json"}).out, graft::run(*made_, {"eval", "learned", "test", "--json"}).out);
}

TEST_F(AdaptRun, EndsTheSameWhenItIsKilled) {
  const Words more{"--method", "shot", "--epochs", "6", "--batch", "6", "--checkpoint-minutes", "0.000001"};
  Words words{"adapt", "--from", "learned", "--target", "other", "--out", "killed"};
  words.insert(words.end(), more.begin(), more.end());
  {
    const Program program(made_->path(), words);
    program.wait_until_it_says("\nepoch 2/6: loss");
    kill(program.pid(), SIGKILL);
    EXPECT_EQ(program.wait().exit_code, 128 + SIGKILL);
  }
  const Finished resumed = graft::run(*made_, {"adapt", "--resume", "killed"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  words[6] = "whole";
  ASSERT_EQ(graft::run(*made_, words).exit_code, 0);
  for (const char* file : {"/model.onnx", "/weights.safetensors", "/history.json", "/history.csv", "/trained_on.npy"})
    EXPECT_EQ(text_of(std::string("killed") + file), text_of(std::string("whole") + file)) << file;
}

TEST_F(AdaptRun, RefusesWhatNeedsTheSource) {
  expect_error({"--method", "coral"}, 2,
               "--method coral: needs photos of the source, and only a run is given; give --source DATA, too, or choose shot, adabn or none");
  expect_error({"--method", "dann"}, 2,
               "--method dann: needs photos of the source, and only a run is given; give --source DATA, too, or choose shot, adabn or none");
  expect_error({"--method", "shot", "--strategy", "head"}, 2,
               "--strategy head: trains nothing here: SHOT keeps the last layer of the run; choose partial or full");
  expect_error({"--val", "test"}, 2, "--val: is for labeled photos, and only a run is given; give --source DATA, too, or omit it");
  expect_error({"--dry-run"}, 2, "--dry-run: is for an adaptation with labeled photos; omit it");
  for (int i = 0; i < 19; ++i) write_file(*made_ / "mixed" / (std::to_string(i) + ".bmp"), made_photo(0, 400 + i, 72, 90));
  fs::copy_file(*made_ / "known.bmp", *made_ / "mixed/known.bmp");
  const Finished known = graft::run(*made_, {"adapt", "--from", "learned", "--target", "mixed"});
  EXPECT_EQ(known.exit_code, 1);
  EXPECT_EQ(
      last_line(known),
      "graft: --target mixed: 1 of its 20 photos is also in the source learned, such as mixed/known.bmp; source and target are different photos: "
      "take these out of one of them\n");
}

}  // namespace
}  // namespace graft
