// A few photos a class: a model of them, classes that come and go, and the benchmark.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "graft/base/text.h"
#include "graft/weights/file/safetensors.h"

namespace graft {
namespace {

namespace fs = std::filesystem;

class Shots : public testing::Test {
 protected:
  Shots() {
    for (std::size_t kind = 0; kind < 3; ++kind)
      for (int i = 0; i < 7; ++i)
        write_file(folder_ / (i < 3 ? "support" : "query") / kNames[kind] / (std::to_string(i) + ".bmp"), made_photo(static_cast<int>(kind), i));
  }

  Finished shots(std::vector<std::string> words) {
    std::vector<std::string> all{"shots"};
    all.insert(all.end(), words.begin(), words.end());
    all.insert(all.end(), {"--size", "64", "-q"});
    return run(folder_, all);
  }
  void make(const std::string& support, const std::string& out, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{support, "--out", out};
    words.insert(words.end(), more.begin(), more.end());
    const Finished done = shots(words);
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }
  /// support/ without a class.
  void leave_out(const std::string& name, const std::string& into) {
    fs::copy(folder_ / "support", folder_ / into, fs::copy_options::recursive);
    fs::remove_all(folder_ / into / name);
  }
  /// Every tensor of two runs is the same but for 1e-6 of its size.
  void expect_same_model(const std::string& a, const std::string& b) {
    const weights::StateDict one = weights::read_safetensors(folder_ / a / "weights.safetensors"),
                             two = weights::read_safetensors(folder_ / b / "weights.safetensors");
    ASSERT_EQ(one.tensors.size(), two.tensors.size());
    for (const auto& [name, tensor] : one.tensors) {
      const std::vector<float> x = weights::to_floats(tensor), y = weights::to_floats(two.tensors.at(name));
      ASSERT_EQ(x.size(), y.size()) << name;
      for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(x[i], y[i], 1e-6 * (1 + std::abs(x[i]))) << name;
    }
  }

  static constexpr const char* kNames[] = {"ants", "bees", "flies"};
  TestFolder folder_;
};

TEST_F(Shots, AModelLikeAnyOther) {
  const Finished done = run(folder_, {"shots", "support", "query", "--size", "64", "--out", "runs/a", "--json", "--quiet"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const auto json = nlohmann::json::parse(done.out);
  EXPECT_EQ(json["evaluation"]["count"], 12);
  EXPECT_EQ(json["rule"]["tried"].size(), 4U);
  EXPECT_EQ(listing(folder_ / "runs/a"), (std::vector<std::string>{"config.toml", "eval.json", "model.onnx", "predictions.csv", "shots.json",
                                                                   "support.safetensors", "trained_on.npy", "weights.safetensors"}));
  const Finished eval = run(folder_, {"eval", "runs/a", "query", "--json", "-q"});
  ASSERT_EQ(eval.exit_code, 0) << eval.err;
  EXPECT_EQ(nlohmann::json::parse(eval.out)["accuracy"], json["evaluation"]["accuracy"]);
  const Finished predict = run(folder_, {"predict", "runs/a", "query/ants/5.bmp", "--csv", "-q"});
  EXPECT_TRUE(predict.out.find("query/ants/5.bmp,ants,") != predict.out.npos) << predict.out << predict.err;
  const Finished explain = run(folder_, {"explain", "runs/a", "query/ants/5.bmp", "--out", "maps", "-q"});
  EXPECT_EQ(explain.exit_code, 0) << explain.err;
  const Finished again = run(folder_, {"shots", "--config", "runs/a/config.toml", "--out", "runs/b", "-q"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(as_text(read_file(folder_ / "runs/a/model.onnx")), as_text(read_file(folder_ / "runs/b/model.onnx")));
}

TEST_F(Shots, FitDoesNotGoOnFromIt) {
  make("support", "runs/a");
  expect_refused(
      run(folder_, {"fit", "query", "--from", "runs/a", "--out", "runs/b"}), 2,
      "--from: runs/a is a run of `graft shots`, from which fit cannot continue; omit it, and give the network that it was made from: --backbone "
      "efficientnet_lite0");
}

TEST_F(Shots, PhotosWithoutLabelsAreNamed) {
  const Finished done = shots({"support", "query/ants/5.bmp", "query/bees/5.bmp", "--out", "runs/a", "--transductive"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const std::vector<std::string> lines = split(done.out, '\n');
  ASSERT_EQ(lines.size(), 3U) << done.out;
  EXPECT_TRUE(lines[0].starts_with("query/ants/5.bmp  ")) << done.out;
  const auto csv = read_file(folder_ / "runs/a/answers.csv");
  EXPECT_TRUE(as_text(csv).starts_with("path,label,probability")) << as_text(csv);
  EXPECT_FALSE(fs::exists(folder_ / "runs/a/eval.json"));
  EXPECT_TRUE(run(folder_, {"show", "runs/a"}).out.starts_with("runs/a, made without labeled photos: its accuracy is not known\n"));
  expect_refused(
      run(folder_, {"report", "runs/a"}), 1,
      "runs/a: was made without labeled photos to measure it on; measure it: graft eval runs/a PHOTOS; a run with answers to labeled photos: "
      "graft calibrate runs/a PHOTOS");
}

TEST_F(Shots, AddedAndRemovedClassesAreAsThoughAllPhotosHadBeenThere) {
  leave_out("bees", "fewer");
  for (const std::string rule : {"prototypes", "lda", "ridge", "auto"}) {
    for (const std::string centre : {"none", "support"}) {
      const std::string at = "runs/" + rule + centre;
      make("support", at + "3", {"--rule", rule, "--center", centre});
      make("fewer", at + "2", {"--rule", rule, "--center", centre});
      const Finished added = run(folder_, {"add-class", at + "2", "bees", "support/bees", "--out", at + "added", "-q"});
      ASSERT_EQ(added.exit_code, 0) << added.err;
      expect_same_model(at + "3", at + "added");
      const Finished removed = run(folder_, {"remove-class", at + "3", "bees", "--out", at + "removed", "-q"});
      ASSERT_EQ(removed.exit_code, 0) << removed.err;
      expect_same_model(at + "2", at + "removed");
    }
  }
}

TEST_F(Shots, WithoutOutTheRunIsReplacedAsAWhole) {
  leave_out("bees", "fewer");
  make("fewer", "runs/a");
  write_file(folder_ / "runs/a/notes.txt", std::string_view("mine"));
  const auto before = read_file(folder_ / "runs/a/model.onnx");
  expect_refused(run(folder_, {"add-class", "runs/a", "bees", "support/bees/0.bmp", "nothing.bmp"}), 1, "nothing.bmp: no such file or folder");
  EXPECT_EQ(as_text(read_file(folder_ / "runs/a/model.onnx")), as_text(before));
  const Finished added = run(folder_, {"add-class", "runs/a", "bees", "support/bees", "-q"});
  ASSERT_EQ(added.exit_code, 0) << added.err;
  EXPECT_EQ(listing(folder_ / "runs/a"),
            (std::vector<std::string>{"model.onnx", "notes.txt", "shots.json", "support.safetensors", "trained_on.npy", "weights.safetensors"}));
  const auto record = nlohmann::json::parse(as_text(read_file(folder_ / "runs/a/shots.json")));
  EXPECT_EQ(record["history"], (std::vector<std::string>{"graft shots", "graft add-class bees: 3 photos"}));
  EXPECT_EQ(listing(folder_ / "runs"), (std::vector<std::string>{"a"}));
}

TEST_F(Shots, WhatIsWrongWithAClassIsTold) {
  make("support", "runs/a");
  const auto refused = [&](const std::vector<std::string>& words, const std::string& line) { expect_refused(run(folder_, words), 1, line); };
  refused({"add-class", "runs/a", "bees", "query/bees"},
          "runs/a: has a class 'bees' already; remove it first with `graft remove-class`, or choose another name");
  refused({"add-class", "runs/a", "wasps", "support/bees/0.bmp", "query/bees/5.bmp", "-q"},
          "runs/a: has these photos already: 'support/bees/0.bmp'; give only photos of the new class");
  refused({"add-class", "runs/a", "wasps", "query/bees/5.bmp", "query/bees/5.bmp", "-q"},
          "'query/bees/5.bmp': given twice, byte for byte the same; give each photo once");
  refused({"remove-class", "runs/a", "bes"}, "runs/a: has no class 'bes'; did you mean 'bees'?");
  ASSERT_EQ(run(folder_, {"remove-class", "runs/a", "bees", "-q"}).exit_code, 0);
  refused({"remove-class", "runs/a", "ants"},
          "runs/a: would have a single class without 'ants', expected at least 2; add another class first with `graft add-class`");
  fs::remove(folder_ / "runs/a/support.safetensors");
  refused({"add-class", "runs/a", "wasps", "query/bees"},
          "runs/a: contains no support.safetensors, in which `graft shots` keeps what is needed to add classes; it was trained by `graft fit`: train "
          "it again with all photos, including those of the new class");
  expect_refused(run(folder_, {"add-class", "runs/a", " ", "query/bees"}), 2,
                 "name: ' ', expected the name of a class; for instance graft add-class runs/birds owl owls/");
}

TEST_F(Shots, WhatIsWrongWithPhotosIsTold) {
  const auto refused = [&](const std::vector<std::string>& words, int code, const std::string& line) { expect_refused(shots(words), code, line); };
  refused({"support", "--transductive"}, 2, "--transductive: classifies photos together, but no QUERY is given; give the photos after SUPPORT");
  fs::create_directories(folder_ / "more/wasps");
  fs::copy_file(folder_ / "query/bees/5.bmp", folder_ / "more/wasps/1.bmp");
  refused({"support", "more"}, 1, "more: class 'wasps' is not a class of the model ('ants', 'bees', 'flies')");
  fs::copy_file(folder_ / "support/bees/0.bmp", folder_ / "support/ants/9.bmp");
  refused({"support"}, 1, "support/bees/0.bmp: is the same photo as support/ants/9.bmp, which has another class; remove the wrong one");
  fs::remove(folder_ / "support/ants/9.bmp");
  leave_out("bees", "one");
  fs::remove_all(folder_ / "one/ants");
  refused({"one"}, 1, "one: has only one class, 'flies', expected at least 2; add a folder of photos of another class");
  refused({"support", "support/bees"}, 1, "support/bees: contains only photos that are also among the labeled ones; give others");
  EXPECT_EQ(listing(folder_ / "runs"), std::vector<std::string>{});
}

TEST_F(Shots, EpisodesDoNotDependOnThreads) {
  const auto episodes = [&](const std::string& threads) {
    return run(folder_, {"episodes", "query", "--size", "64", "--ways", "3", "--shots", "1,2", "--queries", "2", "--episodes", "20", "--threads",
                         threads, "--csv", "e" + threads + ".csv", "--transductive", "--json", "-q"});
  };
  const Finished one = episodes("1"), two = episodes("2");
  ASSERT_EQ(one.exit_code, 0) << one.err;
  EXPECT_EQ(one.out, two.out);
  EXPECT_EQ(as_text(read_file(folder_ / "e1.csv")), as_text(read_file(folder_ / "e2.csv")));
  const auto json = nlohmann::json::parse(one.out);
  EXPECT_EQ(json["results"].size(), 12U);
  EXPECT_EQ(json["results"][4]["rule"], "auto");
  EXPECT_EQ(json["results"][4]["taken"]["prototypes"], 20) << "of one shot";
  EXPECT_EQ(json["results"][0]["over_prototypes"]["difference"], 0);
}

TEST_F(Shots, EpisodesNeedClassesAndPhotos) {
  const auto refused = [&](const std::vector<std::string>& more, int code, const std::string& line) {
    std::vector<std::string> words{"episodes", "query", "--size", "64", "-q"};
    words.insert(words.end(), more.begin(), more.end());
    expect_refused(run(folder_, words), code, line);
  };
  refused({"--ways", "5"}, 1, "query: 3 classes, expected at least 5: one for each of --ways; choose --ways 3");
  refused({"--ways", "3", "--shots", "1,3", "--queries", "2"}, 1,
          "query: classes with fewer than 5 photos (3 shots and 2 queries): 'ants (4)', 'bees (4)', 'flies (4)'; 0 classes have enough, expected "
          "at least "
          "3; choose fewer --queries or --shots");
  refused({"--shots", "one"}, 2, "--shots one: expected whole numbers from 1 to 100, separated by commas; for instance --shots 1,5");
}

}  // namespace
}  // namespace graft
