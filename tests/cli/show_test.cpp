// `graft show`: a run's numbers and curves in a terminal.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;

class Show : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "run");
    write("predictions.csv", "path,label,predicted,probability,loss,probability of a,probability of b\n");
    write("eval.json",
          R"({"count": 4, "right": 2, "accuracy": 0.5, "accuracy_interval": [0.15, 0.85], "largest_class": {"name": "a", "accuracy": 0.5},
                           "macro_f1": 0.4, "classes": [{"name": "a"}, {"name": "b"}], "confusion": [[1, 1], [0, 2]]})");
    write("history.json", R"({"phases": [{"strategy": "full", "kept_epoch": 3, "epochs": [
        {"epoch": 1, "train_loss": 0.8, "val_loss": 0.6, "lr": 0.1}, {"epoch": 2, "train_loss": 0.4, "val_loss": null, "lr": 0.1},
        {"epoch": 3, "train_loss": 0.1, "val_loss": 0.5, "lr": 0.1}]}]})");
  }

  void write(const std::string& name, std::string_view text) { write_file(folder_ / "run" / name, text); }

  TestFolder folder_;
};

TEST_F(Show, SaysWhatTheFilesSay) {
  const Finished done = run(folder_, {"show", "run"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(done.out,
            "run, on 4 validation photos\n"
            "accuracy                  50.0 % (2 of 4; 95 % interval 15.0 to 85.0 %)\n"
            "always a                  50.0 %, the largest class each time\n"
            "macro F1                  0.400\n"
            "\n"
            "full, 3 epochs, the weights of epoch 3 were taken\n"
            "loss in training          █▄▁  0.8 to 0.1\n"
            "loss in validation        ▆ ▅  0.6 to 0.5\n"
            "learning rate             ▄▄▄  0.1 to 0.1\n"
            "\n"
            "most frequent mistakes  said to be  photos\n"
            "a                       b                1\n"
            "\n"
            "files:  run/predictions.csv has the answer to each validation photo, the worst first\n");
}

TEST_F(Show, ManyEpochsFitALine) {
  std::string epochs;
  for (int i = 0; i < 1000; ++i) epochs += (i == 0 ? "" : ",") + ("{\"train_loss\": " + std::to_string(1000 - i) + "}");
  write("history.json", R"({"phases": [{"strategy": "full", "epochs": [)" + epochs + "]}]}");
  const std::string out = run(folder_, {"show", "run"}).out;
  const std::size_t at = out.find("loss in training"), bars = 48 * 3;  // bytes
  ASSERT_NE(at, out.npos) << out;
  EXPECT_EQ(out.substr(at + 26, 3), "█");
  EXPECT_EQ(out.substr(at + 26 + bars - 3, 3), "▁") << "the last epoch is there";
  EXPECT_EQ(out.substr(at + 26 + bars, 13), "  1000 to 1\n\n");
}

TEST_F(Show, JsonIsTheFiles) {
  const auto json = nlohmann::json::parse(run(folder_, {"show", "run", "--json"}).out);
  EXPECT_EQ(json["evaluation"]["right"], 2);
  EXPECT_EQ(json["history"]["phases"][0]["kept_epoch"], 3);
  EXPECT_FALSE(json.contains("cost"));
}

TEST_F(Show, RefusesWhatIsNoRun) {
  expect_refused(run(folder_, {"show"}), 2, "run: missing; usage: graft show RUN [options]");
  expect_refused(run(folder_, {"show", "none"}), 1, "none: no such run; give the folder of a finished run");
  write("eval.json", R"({"count": "four"})");
  expect_refused(run(folder_, {"show", "run"}), 1,
                 "run: its eval.json, history.json or cost.json is not in the format that a run writes; train the run again");
  fs::remove(folder_ / "run" / "eval.json");
  expect_refused(run(folder_, {"show", "run"}), 1, "run: has no eval.json, which every measured run has; give the folder of a finished run");
}

}  // namespace
}  // namespace graft
