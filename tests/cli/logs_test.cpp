// What a training tells those who watch it: TensorBoard's event files, read by TensorBoard itself; history.csv; the schema of history.json.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <csignal>
#include <map>

#include "cli/program.h"
#include "graft/base/text.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Words = std::vector<std::string>;

class Logs : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = new TestFolder;
    make_photos(*made_ / "photos", {"across", "down", "wide"}, 8);
  }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }

  static Words words(const Words& more) {
    Words all{"fit", "photos", "--size", "64", "--precision", "float32", "--tensorboard"};
    if (std::ranges::find(more, "head") == more.end()) all.insert(all.end(), {"--batch", "6"});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static void fit(const Words& more) {
    const Finished done = run(*made_, words(more));
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }
  static fs::path at(const std::string& name) { return *made_ / name; }
  static std::string text_of(const fs::path& file) {
    const auto bytes = read_file(file);
    return std::string(as_text(bytes));
  }
  static json history(const std::string& name) { return json::parse(text_of(at(name) / "history.json")); }

  static Finished python(const std::string& script, const Words& arguments) {
    Words all{"PYTHONPATH=" GRAFT_DEPS "/python", "python3", GRAFT_TESTS "/cli/" + script};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run(*made_, all, "/usr/bin/env");
  }
  /// As TensorBoard sees the folder.
  static json seen(const std::string& folder) {
    const Finished done = python("read_logs", {folder});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.exit_code == 0 ? json::parse(done.out) : json();
  }

  /// Every epoch of the history once, in TensorBoard and in the CSV.
  static void expect_epochs(const json& scalars, const std::string& name) {
    const json epochs = history(name)["phases"].back()["epochs"];
    const std::map<std::string, std::string> columns{{"train/loss", "train_loss"},
                                                     {"train/accuracy", "train_accuracy"},
                                                     {"val/loss", "val_loss"},
                                                     {"val/accuracy", "val_accuracy"},
                                                     {"lr", "lr"}};
    for (const auto& [tag, column] : columns) {
      ASSERT_EQ(scalars[tag].size(), epochs.size()) << tag;
      for (std::size_t e = 0; e < epochs.size(); ++e) {
        EXPECT_EQ(scalars[tag][e][0], e + 1) << tag;
        EXPECT_EQ(scalars[tag][e][1].get<double>(), static_cast<double>(epochs[e][column].get<float>())) << tag;
      }
    }
    const std::vector<std::string> lines = split(text_of(at(name) / "history.csv"), '\n');
    ASSERT_EQ(lines.size(), epochs.size() + 2);
    EXPECT_EQ(lines.front(), "epoch,train_loss,train_accuracy,val_loss,val_accuracy,lr");
    EXPECT_EQ(lines.back(), "");
    for (std::size_t e = 0; e < epochs.size(); ++e) {
      const std::vector<std::string> cells = split(lines[e + 1], ',');
      ASSERT_EQ(cells.size(), 6);
      EXPECT_EQ(cells[0], std::to_string(e + 1));
      std::size_t column = 1;
      for (const char* name_of : {"train_loss", "train_accuracy", "val_loss", "val_accuracy", "lr"})
        EXPECT_EQ(std::stod(cells[column++]), epochs[e][name_of].get<double>()) << name_of;
    }
  }

  inline static TestFolder* made_ = nullptr;
};

TEST_F(Logs, TensorBoardReadsATraining) {
  fit({"--out", "a/one", "--strategy", "partial", "--begin", "solved", "--epochs", "3", "--lr", "0.02"});
  fit({"--out", "a/two", "--strategy", "partial", "--epochs", "2", "--label-smoothing", "0.1"});
  const json all = seen("a");
  const json one = all["runs"]["one/tensorboard"];
  expect_epochs(one["scalars"], "a/one");
  expect_epochs(all["runs"]["two/tensorboard"]["scalars"], "a/two");
  EXPECT_EQ(one["images"], json::parse(R"({"augmentation": [[0, 608, 200]]})")) << "three photos, each as it is and in eight views of 64, 4 between";
  EXPECT_EQ(one["time_rises"], true);
  const json path = history("a/one")["phases"][0]["cross_validation"]["path"];
  ASSERT_EQ(one["scalars"]["cross_validation/log_loss"].size(), path.size());
  EXPECT_EQ(one["scalars"]["cross_validation/l2"][1], (json{1, static_cast<double>(path[1]["l2"].get<float>())}));
  const json evaluation = json::parse(text_of(at("a/one/eval.json")));
  EXPECT_EQ(one["scalars"]["model/accuracy"], (json{{3, static_cast<double>(evaluation["accuracy"].get<float>())}}));

  const json session = all["sessions"]["one/tensorboard"];
  EXPECT_EQ(session["status"], "STATUS_SUCCESS");
  EXPECT_GT(session["lasts"], 0);
  EXPECT_EQ(session["metrics"]["model/accuracy"], one["scalars"]["model/accuracy"][0][1]);
  EXPECT_EQ(session["options"]["strategy"], "partial");
  EXPECT_EQ(session["options"]["lr"], 0.02);
  EXPECT_EQ(session["options"]["batch"], 6.0);
  EXPECT_FALSE(session["options"].contains("out"));
  EXPECT_FALSE(session["options"].contains("momentum")) << "as it is by default";
  EXPECT_EQ(all["sessions"]["two/tensorboard"]["options"]["label-smoothing"], 0.1);
  for (const char* option : {"lr", "label-smoothing"})
    EXPECT_TRUE(std::ranges::find(all["options"], option) != all["options"].end()) << "a column for the options of every run: " << option;
}

TEST_F(Logs, TensorBoardReadsAHead) {
  fit({"--out", "b/head", "--strategy", "head"});
  EXPECT_EQ(listing(at("b/head")), files_of_a_run({"tensorboard"}));
  const json all = seen("b"), scalars = all["runs"]["head/tensorboard"]["scalars"], phase = history("b/head")["phases"][0];
  EXPECT_EQ(scalars["val/accuracy"], (json{{0, static_cast<double>(phase["val_accuracy"].get<float>())}}));
  EXPECT_EQ(scalars["train/accuracy"], (json{{0, static_cast<double>(phase["train_accuracy"].get<float>())}}));
  const json path = phase["cross_validation"]["path"];
  ASSERT_GT(path.size(), 1);
  ASSERT_EQ(scalars["cross_validation/accuracy"].size(), path.size());
  for (std::size_t i = 0; i < path.size(); ++i)
    EXPECT_EQ(scalars["cross_validation/log_loss"][i], (json{i, static_cast<double>(path[i]["log_loss"].get<float>())}));
  EXPECT_EQ(all["sessions"]["head/tensorboard"]["options"]["strategy"], "head");

  const Finished plain = run(*made_, {"fit", "photos", "--size", "64", "--precision", "float32", "--strategy", "head", "--out", "plain"});
  ASSERT_EQ(plain.exit_code, 0) << plain.err;
  EXPECT_EQ(read_file(at("b/head/model.onnx")), read_file(at("plain/model.onnx")));
  EXPECT_FALSE(fs::exists(at("plain/tensorboard")));
}

/// Killed before the first checkpoint of its own epoch's end, so that epochs which were told are trained again.
TEST_F(Logs, ATrainingThatGoesOnTellsNoEpochTwice) {
  const Words more{"--out",   "c/run", "--strategy",           "partial", "--begin", "solved", "--epochs", "8",
                   "--views", "2",     "--checkpoint-minutes", "0.000001"};
  {
    const Program program(made_->path(), words(more));
    program.wait_until_it_says("\nepoch 4/8: loss");
    kill(program.pid(), SIGKILL);
    EXPECT_EQ(program.wait().exit_code, 128 + SIGKILL);
  }
  const std::string live = text_of(at("c/run/checkpoint/history.csv"));
  EXPECT_GE(std::ranges::count(live, '\n'), 5) << live;
  EXPECT_TRUE(live.starts_with("epoch,train_loss,train_accuracy,val_loss,val_accuracy,lr\n1,")) << live;
  EXPECT_GE(seen("c")["runs"]["run/tensorboard"]["scalars"]["val/loss"].size(), 4) << "while it trains";
  // Two epochs were told that the checkpoint knows nothing of, as if it had been older.
  const std::string forged = live + "7,9,9,9,9,9\n8,9,9";
  write_file(at("c/run/checkpoint/history.csv"), forged);
  const Finished resumed = run(*made_, {"fit", "--resume", "c/run"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  const json run = seen("c")["runs"]["run/tensorboard"];
  expect_epochs(run["scalars"], "c/run");
  EXPECT_EQ(run["scalars"]["cross_validation/l2"].size(), history("c/run")["phases"][0]["cross_validation"]["path"].size());
  EXPECT_EQ(run["images"]["augmentation"].size(), 1);
}

TEST_F(Logs, AFailureBeforeTheFirstStepLeavesNothing) {
  const Finished done = run(*made_, words({"--out", "d/run", "--strategy", "partial", "--lr", "900", "--epochs", "1"}));
  EXPECT_EQ(done.exit_code, 1) << done.err;
  EXPECT_FALSE(fs::exists(at("d")));
}

TEST_F(Logs, HistoriesFollowTheirSchema) {
  Words files;
  const std::vector<Words> runs{{"--out", "e/head", "--strategy", "head"},
                                {"--out", "e/gradual", "--strategy", "gradual", "--begin", "solved", "--unfreeze", "2", "--epochs", "3"},
                                {"--out", "e/chosen", "--strategy", "head", "--sources", "efficientnet_lite0"},
                                {"--out", "e/full", "--strategy", "full", "--epochs", "1"}};
  for (const Words& more : runs) {
    fit(more);
    files.push_back(more[1] + "/history.json");
    EXPECT_EQ(history(more[1])["schema"], 1);
  }
  json tried = history("e/gradual");
  tried["phases"][0]["trials"] = json::parse(R"([
      {"strategy": "partial", "unfreeze": "2", "trained_on": 32, "judged_on": 10, "head_accuracy": 0.5, "accuracy": 0.5, "log_loss_gain": -0.01,
       "standard_error": 0.1, "chance": 1, "pays": false},
      {"strategy": "full", "trained_on": 32, "judged_on": 10, "head_accuracy": 0.5, "stopped": "stopped after 5 of 7 epochs"}])");
  write_file(at("e/tried.json"), tried.dump());
  files.emplace_back("e/tried.json");
  const auto check = [&](Words arguments) {
    arguments.insert(arguments.begin(), GRAFT_TESTS "/../docs/history.schema.json");
    return python("check_history", arguments);
  };
  const Finished good = check(files);
  EXPECT_EQ(good.exit_code, 0) << good.out << good.err;

  json wrong = tried;
  wrong["phases"][1]["epochs"][0].erase("lr");
  write_file(at("e/wrong.json"), wrong.dump());
  wrong = tried;
  wrong["schema"] = 2;
  write_file(at("e/newer.json"), wrong.dump());
  EXPECT_EQ(check({"e/newer.json"}).out, "e/newer.json: $.schema: 1 was expected\n");
  EXPECT_EQ(check({"e/wrong.json"}).exit_code, 1);
}

}  // namespace
}  // namespace graft
