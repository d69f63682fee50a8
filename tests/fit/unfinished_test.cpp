// A training that was stopped: what it began from comes back, and what is not it is refused.
#include "graft/fit/run/unfinished.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <vector>

#include "bmp.h"
#include "error_text.h"
#include "folder.h"
#include "graft/base/files.h"

namespace graft::fit {
namespace {

namespace fs = std::filesystem;
using test::error_of;

Configured<FitConfig> configured(const std::vector<std::string>& words) { return configure<FitConfig>({"graft fit", "", {}}, words); }

Start made_start() {
  Start start{.unreadable = {2, 40}, .cached = 7};
  start.head = {.weight = {0.1F, -2, 3e-30F, 4, 5, 6}, .bias = {1, -0.5F}, .classes = 2, .width = 3};
  start.phases.push_back({{"strategy", "head"}, {"train_accuracy", 1.0 / 3}});
  start.sources = {{"chosen", "resnet18"}};
  start.identity = {{"--lr", "0.01"}, {"training data", "30 images (0123abcd)"}};
  return start;
}

class Unfinished : public testing::Test {
 protected:
  void write(const std::vector<std::string>& words) { write_start(run_, configured(words), made_start()); }

  /// Options after `--resume RUN` and these words.
  Configured<FitConfig> taken_up(std::vector<std::string> words = {}) {
    words.insert(words.end(), {"--resume", run_.string()});
    Configured<FitConfig> config = configured(words);
    take_up(config);
    return config;
  }

  TestFolder folder_;
  fs::path run_ = folder_ / "run", start_file_ = run_ / "checkpoint" / "start", options_file_ = run_ / "checkpoint" / "config.json";
};

TEST_F(Unfinished, TheStartComesBack) {
  EXPECT_FALSE(is_unfinished(run_));
  write({"photos"});
  EXPECT_TRUE(is_unfinished(run_));
  const Start start = read_start(run_), made = made_start();
  EXPECT_EQ(start.unreadable, made.unreadable);
  EXPECT_EQ(start.cached, made.cached);
  EXPECT_EQ(start.head.weight, made.head.weight);
  EXPECT_EQ(start.head.bias, made.head.bias);
  EXPECT_EQ(start.head.width, 3U);
  EXPECT_EQ(start.head.classes, 2U);
  EXPECT_EQ(start.phases, made.phases);
  EXPECT_EQ(start.identity, made.identity);
  EXPECT_EQ(start.sources, made.sources);
}

TEST_F(Unfinished, ADamagedOrEditedStartIsRefused) {
  write({"photos"});
  const auto whole = read_file(start_file_);
  const std::string text(as_text(whole)), damaged = "data: " + start_file_.string() + ": is damaged; start the run again, with another --out";
  const auto edited = [&](std::string_view what, std::string_view with) {
    std::string other = text;
    const std::size_t at = other.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return other.replace(at, what.size(), with);
  };
  std::string other_weight = text;
  other_weight.back() = static_cast<char>(other_weight.back() ^ 1);
  for (const std::string& content :
       {other_weight, edited("0123abcd", "0123abce"), edited("fingerprint", "fingerprinx"), edited("unreadable", "unreadeble")}) {
    write_file(start_file_, content);
    EXPECT_EQ(error_of([&] { read_start(run_); }), damaged);
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{8}, text.size() / 2, text.size() - 1}) {
    write_file(start_file_, std::string_view(text).substr(0, size));
    EXPECT_TRUE(error_of([&] { read_start(run_); }).starts_with("data: " + start_file_.string() + ": ")) << size;
  }
  write_file(start_file_, text);
  EXPECT_EQ(error_of([&] { read_start(run_); }), "no error");
}

TEST_F(Unfinished, OptionsAndTheirSourcesComeBack) {
  Configured<FitConfig> config = configured({"my photos", "--lr", "0.025", "--strategy", "partial", "--seed", "18446744073709551615", "--mirror"});
  choose(config, "l2", 0.0125, "5-fold cross-validation");
  choose(config, "size", 64, "as it was trained");
  write_start(run_, config, made_start());
  const Configured<FitConfig> back = taken_up();
  EXPECT_EQ(back.values.data, "my photos");
  EXPECT_EQ(back.values.training.lr, 0.025);
  EXPECT_EQ(back.values.strategy, transfer::Kind::partial);
  EXPECT_EQ(back.values.seed, 18446744073709551615ULL);
  EXPECT_TRUE(back.values.mirror);
  EXPECT_EQ(back.values.l2, 0.0125);
  EXPECT_EQ(describe(back, "l2"), "l2 0.0125 (chosen: 5-fold cross-validation)");
  EXPECT_EQ(describe(back, "lr"), "lr 0.025 (flag)");
  EXPECT_EQ(describe(back, "epochs"), "epochs 10 (default)");
  EXPECT_EQ(back.values.out, run_) << "wherever the folder is now";
}

TEST_F(Unfinished, FlagsGoOverTheRunsOptions) {
  write({"photos", "--lr", "0.025", "--epochs", "3", "--out", "elsewhere"});
  const Configured<FitConfig> config = taken_up({"moved/photos", "--lr", "0.5"});
  EXPECT_EQ(config.values.data, "moved/photos");
  EXPECT_EQ(config.values.training.lr, 0.5);
  EXPECT_EQ(config.values.training.epochs, 3);
  EXPECT_EQ(config.values.out, run_);
}

TEST_F(Unfinished, WhatIsNoUnfinishedRunIsRefused) {
  const auto error = [&](const std::vector<std::string>& words = {}) { return error_of([&] { taken_up(words); }); };
  const std::string run = run_.string(), hint = "; --resume takes the folder of an unfinished run";
  EXPECT_EQ(error(), "data: " + run + ": no such run" + hint);
  fs::create_directory(run_);
  EXPECT_EQ(error(), "data: " + run + ": is not an unfinished run: it has no checkpoint" + hint);
  write_file(run_ / "model.onnx", std::string_view("x"));
  EXPECT_EQ(error(), "data: " + run + ": is finished; use it: graft predict " + run + " photo.jpg");
  write({"photos"});
  EXPECT_EQ(error({"--out", "other"}), "usage: --out: an unfinished run continues in its own folder; omit --out");
  const std::string changed = "; it was written by another version of graft, or changed by hand", file = "data: " + options_file_.string() + ": ";
  write_file(options_file_, std::string_view("{\"lr\": "));
  EXPECT_EQ(error(), file + "is not a record of options" + changed);
  write_file(options_file_, std::string_view(R"({"lr": {"value": "fast", "source": "flag"}})"));
  EXPECT_EQ(error(), file + "has --lr \"fast\", expected a number" + changed);
}

TEST_F(Unfinished, WhatChangedIsNamed) {
  const std::map<std::string, std::string> then{{"--lr", "0.01"}, {"--seed", "0"}, {"training data", "30 images (0123abcd)"}};
  EXPECT_EQ(error_of([&] { check_unchanged("run", then, then); }), "no error");
  std::map<std::string, std::string> now = then;
  now["--lr"] = "0.02";
  now["training data"] = "31 images (4567cdef)";
  now["torch"] = "2.13";
  EXPECT_EQ(error_of([&] { check_unchanged("run", then, now); }),
            "data: run: was started differently: --lr was 0.01, is 0.02; torch was not there, is 2.13; training data was 30 images (0123abcd), is 31 "
            "images (4567cdef); undo that change, or continue with --accept-changes");
}

TEST_F(Unfinished, OptionsKnowTheirOlderNames) {
  const std::map<std::string, std::string> then{{"--optimiser", "\"adam\""}, {"--grey", "false"}, {"--lr", "0.01"}};
  std::map<std::string, std::string> now{{"--optimizer", "\"adam\""}, {"--gray", "false"}, {"--lr", "0.01"}};
  EXPECT_EQ(changes_since(then, now), std::vector<std::string>());
  now["--optimizer"] = "\"sgd\"";
  EXPECT_EQ(changes_since(then, now), std::vector<std::string>{"--optimizer was \"adam\", is \"sgd\""});
  write({"photos", "--optimizer", "adam", "--gray"});
  const auto bytes = read_file(options_file_);
  std::string text(as_text(bytes));
  for (const auto& [today, before] : {std::pair("optimizer", "optimiser"), {"gray", "grey"}, {"posterize", "posterise"}}) {
    const std::size_t at = text.find("\"" + std::string(today) + "\"");
    ASSERT_NE(at, std::string::npos) << today;
    text.replace(at + 1, std::strlen(today), before);
  }
  write_file(options_file_, text);
  EXPECT_EQ(taken_up().values.training.optimiser, train::OptimiserKind::adam);
  EXPECT_TRUE(taken_up().values.grey);
}

TEST_F(Unfinished, WhatWasComputedFromOtherPhotosIsForgotten) {
  write({"photos"});
  for (const char* name : {"state", "state.previous", "activations", "activations.mirror", "activations.val", "teacher"})
    write_file(run_ / "checkpoint" / name, "bytes");
  forget_computed(run_);
  std::set<std::string> left;
  for (const fs::directory_entry& entry : fs::directory_iterator(run_ / "checkpoint")) left.insert(entry.path().filename());
  EXPECT_EQ(left, (std::set<std::string>{"config.json", "start", "state", "state.previous"}));
}

TEST_F(Unfinished, IdentityIsOfOptionsNamesAndBytes) {
  std::vector<data::Sample> train, val;
  for (int i = 0; i < 4; ++i) {
    const fs::path photo = folder_ / (std::to_string(i) + ".bmp");
    write_file(photo, made_photo(i % 2, i));
    (i < 3 ? train : val).push_back({photo, i % 2});
  }
  graph::Graph pretrained;
  pretrained.parameters.push_back({.tensor = graph::Tensor::copy_of(std::vector<float>{1, 2})});
  const auto of = [&](const std::vector<std::string>& words = {"photos"}) { return identity(configured(words), pretrained, train, val); };
  const auto before = of();
  EXPECT_EQ(before.at("--lr"), "0.01");
  EXPECT_EQ(before.at("--l2"), "auto");
  EXPECT_TRUE(before.at("training data").starts_with("3 photos (")) << before.at("training data");
  EXPECT_EQ(of({"elsewhere", "--out", "x", "--threads", "1", "--cache-limit", "0", "--profile"}), before) << "no number depends on these";
  EXPECT_NE(of({"photos", "--views", "2"}), before);

  pretrained.parameters[0].tensor = graph::Tensor::copy_of(std::vector<float>{1, 3});
  EXPECT_NE(of(), before);
  pretrained.parameters[0].tensor = graph::Tensor::copy_of(std::vector<float>{1, 2});

  std::string bytes(as_text(read_file(val[0].path)));
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  write_file(val[0].path, bytes);
  EXPECT_EQ(of().at("training data"), before.at("training data"));
  EXPECT_NE(of().at("validation data"), before.at("validation data"));
  train[1].label ^= 1;
  EXPECT_NE(of().at("training data"), before.at("training data"));
  train[1].label ^= 1;
  fs::rename(train[1].path, folder_ / "other.bmp");
  train[1].path = folder_ / "other.bmp";
  EXPECT_NE(of().at("training data"), before.at("training data"));
}

}  // namespace
}  // namespace graft::fit
