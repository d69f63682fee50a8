// Training of more than the head by the real program, with the real weights: what each strategy moves and what it must not.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <map>

#include "cli/program.h"
#include "graft/weights/file/safetensors.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

using Values = std::map<std::string, std::vector<float>>;

Values weights_of(const fs::path& run) {
  const weights::StateDict dict = weights::read_safetensors(run / "weights.safetensors");
  Values values;
  for (const auto& [name, tensor] : dict.tensors) values[name] = weights::to_floats(tensor);
  return values;
}

bool is_statistic(const std::string& name) { return name.find("running_") != std::string::npos; }

/// By the names of EfficientNet-Lite0.
bool in_last_two_stages(const std::string& name) {
  for (const char* prefix : {"blocks.6.", "conv_head.", "bn2.", "classifier."})
    if (name.starts_with(prefix)) return true;
  return false;
}

/// Photos and a run of the head alone, which the tests compare with; made once.
class Train : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TestFolder;
    make_photos(*folder_ / "photos", {"across", "down", "wide"}, 8);
    fit({"--out", "head", "--strategy", "head", "--features", "last"});
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static json fit(const std::vector<std::string>& more, const std::string& photos = "photos") {
    std::vector<std::string> words{"fit", photos, "--json", "-q"};
    const auto usual = {std::pair{"--size", "64"}, {"--epochs", "2"}, {"--batch", "6"}, {"--augment", "light"}, {"--precision", "float32"}};
    const bool solved = std::ranges::find(more, "head") != more.end();  // not by steps
    for (const auto& [option, value] : usual) {
      const bool of_steps = option != std::string("--size") && option != std::string("--precision");
      if (std::ranges::find(more, option) == more.end() && !(solved && of_steps)) words.insert(words.end(), {option, value});
    }
    words.insert(words.end(), more.begin(), more.end());
    const Finished done = run(*folder_, words);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.err, "");
    return done.exit_code == 0 ? json::parse(done.out) : json();
  }

  static fs::path at(const std::string& name) { return *folder_ / name; }

  /// The run is whole, and other commands take it.
  static void expect_whole(const std::string& name) {
    EXPECT_EQ(listing(at(name)), files_of_a_run({"history.csv"}));
    EXPECT_EQ(run(*folder_, {"predict", name, "photos/down/3.bmp", "--csv", "-q"}).exit_code, 0);
    const Finished evaluated = run(*folder_, {"eval", name, "photos", "--json", "-q"});
    EXPECT_EQ(evaluated.exit_code, 0) << evaluated.err;
    EXPECT_EQ(json::parse(evaluated.out)["count"], 24);
  }

  /// Of the last phase.
  static json history(const std::string& name) {
    const auto bytes = read_file(at(name) / "history.json");
    return json::parse(as_text(bytes))["phases"].back();
  }

  /// Tensors that `may_move` does not name are those of the frozen network to the bit; of those that it names every one moved where
  /// `all_move`.
  static void expect_moved(const std::string& name, const std::function<bool(const std::string&)>& may_move, bool all_move = true) {
    const Values frozen = weights_of(at("head")), trained = weights_of(at(name));
    ASSERT_EQ(frozen.size(), trained.size());
    for (const auto& [tensor, values] : frozen) {
      ASSERT_TRUE(trained.contains(tensor)) << tensor;
      const bool same = std::memcmp(values.data(), trained.at(tensor).data(), values.size() * sizeof(float)) == 0;
      if (!may_move(tensor)) {
        EXPECT_TRUE(same) << tensor;
      } else if (all_move && !tensor.ends_with(".bn3.bias")) {  // live batch norm behind a pointwise convolution takes such a constant out again
        EXPECT_FALSE(same) << tensor;
      }
    }
  }

  static TestFolder* folder_;
};
TestFolder* Train::folder_ = nullptr;

TEST_F(Train, PartialMovesTheLastStagesOnly) {
  const json result =
      fit({"--out", "partial", "--strategy", "partial", "--unfreeze", "2", "--optimizer", "sgd", "--lr", "0.001", "--label-smoothing", "0.2"});
  EXPECT_EQ(result["strategy"], "partial");
  EXPECT_EQ(result["config"]["unfreeze"]["value"], "2");
  EXPECT_EQ(result["config"]["features"]["reason"], "partial continues from them");
  EXPECT_EQ(result["evaluation"]["accuracy"], 1.0);
  expect_whole("partial");
  expect_moved("partial", [](const std::string& name) { return in_last_two_stages(name) && !is_statistic(name); });
}

TEST_F(Train, LiveBatchNormMovesStatisticsOfTrainingStagesOnly) {
  fit({"--out", "live", "--strategy", "partial", "--unfreeze", "blocks.6", "--batch-norm", "live"});
  expect_moved("live", in_last_two_stages);
}

TEST_F(Train, FullMovesEverything) {
  const json result = fit({"--out", "full", "--strategy", "full", "--batch-norm", "live", "--label-smoothing", "0.2"});
  EXPECT_EQ(result["strategy"], "full");
  EXPECT_EQ(result["config"]["views"]["value"], 0);
  expect_whole("full");
  expect_moved("full", [](const std::string&) { return true; });
}

TEST_F(Train, FullWithFixedBatchNormKeepsStatistics) {
  fit({"--out", "fixed", "--strategy", "full", "--batch-norm", "fixed", "--lr", "0.005", "--label-smoothing", "0.2"});
  expect_moved("fixed", [](const std::string& name) { return !is_statistic(name); });
}

TEST_F(Train, GradualComesDownAStageAnEpoch) {
  const json result = fit({"--out", "gradual", "--strategy", "gradual", "--unfreeze", "2", "--lr", "0.005", "--label-smoothing", "0.2"});
  EXPECT_EQ(result["strategy"], "gradual");
  expect_whole("gradual");
  const json phase = history("gradual");
  EXPECT_EQ(phase["trains"].size(), 2) << "the turn of blocks.6 would be in the third epoch";  // the lowest first
  EXPECT_EQ(phase["trains"][0]["name"], "conv_head");
  EXPECT_EQ(phase["trains"][0]["from_epoch"], 2);
  EXPECT_EQ(phase["trains"][1]["from_epoch"], 1);
  const bool second = phase["kept_epoch"] == 2;
  expect_moved(
      "gradual",
      [&](const std::string& name) {
        return name.starts_with("classifier.") || (in_last_two_stages(name) && !name.starts_with("blocks.6.") && !is_statistic(name));
      },
      second);
}

TEST_F(Train, ScratchBeginsFromOtherValues) {
  const json result = fit({"--out", "scratch", "--strategy", "scratch"});
  EXPECT_EQ(result["strategy"], "scratch");
  expect_whole("scratch");
  expect_moved("scratch", [](const std::string&) { return true; });
  const Values pretrained = weights_of(at("head")), random = weights_of(at("scratch"));
  double dot = 0, a = 0, b = 0;
  const auto &x = pretrained.at("conv_stem.weight"), &y = random.at("conv_stem.weight");
  for (std::size_t i = 0; i < x.size(); ++i) dot += x[i] * y[i], a += x[i] * x[i], b += y[i] * y[i];
  EXPECT_LT(std::abs(dot) / std::sqrt(a * b), 0.2) << "nothing of the pretrained filters";
}

TEST_F(Train, ViewsAreKeptOrLive) {
  const json kept = fit({"--out", "kept", "--strategy", "partial", "--views", "2"}),
             live = fit({"--out", "live0", "--strategy", "partial", "--views", "0"}),
             all = fit({"--out", "all", "--strategy", "partial", "--views", "0", "--augment", "none"}),
             once = fit({"--out", "once", "--strategy", "partial", "--views", "3", "--augment", "none"});
  EXPECT_NE(history("kept")["epochs"], history("live0")["epochs"]);
  EXPECT_EQ(kept["evaluation"]["accuracy"], 1.0);
  EXPECT_EQ(live["evaluation"]["accuracy"], 1.0);
  // Without chance every view is the photo as it is: both ways train the same, but for the engine's rounding.
  const Values a = weights_of(at("all")), b = weights_of(at("once"));
  double largest = 0;
  for (std::size_t i = 0; i < a.at("classifier.weight").size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(a.at("classifier.weight")[i]) - b.at("classifier.weight")[i]));
  EXPECT_LT(largest, 1e-4);
}

TEST_F(Train, HistoryTellsThePhases) {
  fit({"--out", "told", "--strategy", "partial", "--begin", "solved", "--epochs", "3", "--lr", "0.02", "--schedule", "constant", "--warmup", "0"});
  const auto bytes = read_file(at("told") / "history.json");
  const json phases = json::parse(as_text(bytes))["phases"];
  ASSERT_EQ(phases.size(), 2);
  EXPECT_EQ(phases[0]["strategy"], "head");
  EXPECT_EQ(phases[0]["features_compared"].size(), 0);
  EXPECT_EQ(phases[1]["strategy"], "partial");
  EXPECT_EQ(phases[1]["trains"], json::parse(R"([{"name": "conv_head", "from_epoch": 1, "lr_scale": 1.0, "batch_norm_live": false},
                                                 {"name": "head", "from_epoch": 1, "lr_scale": 1.0, "batch_norm_live": false}])"));
  ASSERT_EQ(phases[1]["epochs"].size(), 3);
  for (int e = 0; e < 3; ++e) {
    const json& record = phases[1]["epochs"][static_cast<std::size_t>(e)];
    EXPECT_EQ(record["epoch"], e + 1);
    EXPECT_NEAR(record["lr"].get<double>(), 0.02, 1e-12);
  }
  EXPECT_EQ(phases[1]["kept_epoch"], 3) << "the last one";
  EXPECT_EQ(phases[1]["val_accuracy"], phases[1]["epochs"][2]["val_accuracy"]);
}

TEST_F(Train, TheMirrorImageIsInTheTrainedModel) {
  fit({"--out", "mirror", "--strategy", "partial", "--mirror", "--resize", "64"});
  const std::string plain = made_photo(0, 3, 64, 64);
  std::string rgb;
  for (int y = 63; y >= 0; --y)
    for (int x = 63; x >= 0; --x)
      for (int c = 2; c >= 0; --c) rgb += plain[static_cast<std::size_t>(54 + (y * 64 + x) * 3 + c)];
  write_file(at("plain.bmp"), plain);
  write_file(at("turned.bmp"), bmp(std::span(reinterpret_cast<const uint8_t*>(rgb.data()), rgb.size()), 64, 64));
  const auto probability = [&](const std::string& name, const std::string& photo) {
    const Finished done = run(*folder_, {"predict", name, photo, "--json", "-k", "1", "-q"});
    return json::parse(done.out)["predictions"][0]["probability"].get<double>();
  };
  EXPECT_NEAR(probability("mirror", "plain.bmp"), probability("mirror", "turned.bmp"), 1e-6);
  expect_moved("mirror", [](const std::string& name) { return in_last_two_stages(name) && !name.starts_with("blocks.6.") && !is_statistic(name); });
}

TEST_F(Train, GoesOnFromAnEarlierRunWithOtherClasses) {
  fit({"--out", "first", "--strategy", "partial"});
  make_photos(at("others"), {"one", "two"}, 8);
  std::vector<std::string> words{"fit", "others",      "--from",  "first",     "--strategy", "partial", "--epochs", "2",      "--batch",
                                 "6",   "--precision", "float32", "--augment", "light",      "--out",   "second",   "--json", "-q"};
  const Finished done = run(*folder_, words);
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const json result = json::parse(done.out);
  EXPECT_EQ(result["config"]["size"]["value"], 64) << "the earlier run's preprocessing";
  EXPECT_EQ(result["config"]["backbone"]["value"], "first/model.onnx");
  const Finished predicted = run(*folder_, {"predict", "second", "others/two/3.bmp", "--csv", "-q", "-k", "1"});
  EXPECT_TRUE(predicted.out.starts_with("path,label,probability\nothers/two/3.bmp,two,")) << predicted.out << predicted.err;
}

TEST_F(Train, TheConfigOfARunGivesTheSameBytes) {
  for (const std::string strategy : {"partial", "gradual"}) {
    fit({"--out", strategy + "-a", "--strategy", strategy, "--seed", "3", "--ema", "0.5"});
    const Finished again = run(*folder_, {"fit", "--config", strategy + "-a/config.toml", "--out", strategy + "-b", "-q"});
    EXPECT_EQ(again.exit_code, 0) << again.err;
    for (const char* file : {"model.onnx", "weights.safetensors"})
      EXPECT_EQ(read_file(at(strategy + "-a") / file), read_file(at(strategy + "-b") / file)) << strategy << " " << file;
  }
}

TEST_F(Train, ASmallSetIsOneBatch) {
  const std::vector<std::string> words{"fit",        "photos",  "--size",      "64",      "--epochs", "1",
                                       "--strategy", "partial", "--precision", "float32", "--json",   "-q"};
  const Finished done = run(*folder_, words);
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(json::parse(done.out)["config"]["batch"], json::parse(R"({"value": 18, "source": "chosen", "reason": "all training photos"})"));
}

TEST_F(Train, AutoMayBeAskedFor) {
  const json result = fit({"--out", "asked", "--strategy", "auto", "--l2", "auto"});
  EXPECT_EQ(result["strategy"], "head") << "few photos";
  EXPECT_EQ(result["config"]["strategy"]["source"], "chosen");
  EXPECT_EQ(result["config"]["l2"]["source"], "chosen");
}

TEST_F(Train, WhereTheHeadErrsOftenEnoughTrialsDecide) {
  make_noise(at("noise"), 60);
  const json result = fit({"--out", "tried", "--strategy", "auto"}, "noise");
  const auto bytes = read_file(at("tried") / "history.json");
  const json trials = json::parse(as_text(bytes))["phases"][0]["trials"];
  ASSERT_EQ(trials.size(), 1);
  const bool pays = trials[0]["pays"].get<bool>();
  EXPECT_EQ(result["strategy"], pays ? "full" : "head");
  const auto reason = result["config"]["strategy"]["reason"].get<std::string>();
  EXPECT_TRUE(reason.starts_with(pays ? "full fine-tuning has 0." : "more does not pay: full fine-tuning has 0.")) << reason;
  EXPECT_EQ(trials[0]["strategy"], "full");
  EXPECT_EQ(trials[0]["trained_on"], 72);
  EXPECT_FALSE(fs::exists(at("tried-trial")));
}

}  // namespace
}  // namespace graft
