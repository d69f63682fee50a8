// graft pretrain: a run that fit begins with, what goes on after a kill, and what is refused.
#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "graft/artifact/model.h"
#include "graft/graph/walks.h"
#include "graft/models/vision_transformer.h"
#include "models/rule.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Words = std::vector<std::string>;

class Pretrain : public testing::Test {
 protected:
  Pretrain() { make_photos(folder_ / "photos", {"across", "down"}, 6); }
  /// `more` options, and those of a quick training that are not among them.
  static Words words(const Words& more, const std::string& data = "photos") {
    Words all{"pretrain", data};
    const Words usual[] = {{"--size", "32"}, {"--epochs", "2"}, {"--batch", "4"}, {"--hidden", "16"}, {"--features", "8"}, {"--threads", "2"}};
    for (const Words& option : usual)
      if (std::ranges::find(more, option[0]) == more.end()) all.insert(all.end(), option.begin(), option.end());
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  /// A vision transformer of 64 channels for --from, as graft writes one.
  void write_transformer() const {
    graph::Graph network = models::build_transformer({.name = "deit_tiny", .patch = 16, .width = 64}, models::kTimmNames, 10, 64);
    rule::fill(network);
    write_file(folder_ / "vit.onnx", artifact::encoder_to_onnx(graph::features(network), {.resize = 64, .crop = 64}, {{"backbone", "deit_tiny"}}));
  }
  static Words masked(const Words& more) {
    Words all{"--method", "mae", "--from", "vit.onnx", "--size", "64", "--decoder-layers", "1"};
    if (std::ranges::find(more, "--decoder-width") == more.end()) all.insert(all.end(), {"--decoder-width", "32"});
    all.insert(all.end(), more.begin(), more.end());
    return words(all);
  }
  json json_of(const std::string& file) const { return json::parse(as_text(read_file(folder_ / file))); }

  TestFolder folder_;
};

TEST_F(Pretrain, LeavesANetworkThatFitBeginsWith) {
  const Finished done = run(folder_, words({"--out", "own", "--probe", "photos", "--json", "-q"}));
  ASSERT_EQ(done.exit_code, 0) << done.err;
  json told = json::parse(done.out);
  EXPECT_EQ(told["run"], "own");
  told.erase("run");
  EXPECT_EQ(told, json_of("own/history.json"));
  EXPECT_EQ(told["photos"], 12);
  EXPECT_EQ(told["from"], "efficientnet_lite0");
  ASSERT_EQ(told["epochs"].size(), 2U);
  for (const char* score : {"spread", "rank", "knn", "linear"}) EXPECT_TRUE(told["epochs"][1].contains(score)) << score;
  EXPECT_GT(told["before"]["rank"].get<double>(), 1.5);
  EXPECT_EQ(told["probe"]["photos"], 12);
  EXPECT_DOUBLE_EQ(told["probe"]["gain"]["difference"].get<double>(),
                   told["probe"]["accuracy"]["after"].get<double>() - told["probe"]["accuracy"]["before"].get<double>());
  EXPECT_EQ(listing(folder_ / "own"), (Words{"encoder.onnx", "history.json", "study.json", "trained_on.npy", "weights.safetensors"}));

  for (const char* strategy : {"head", "full"}) {
    const Finished fit = run(folder_, {"fit", "photos", "--from", "own", "--strategy", strategy, "--out", strategy, "--json", "-q"});
    ASSERT_EQ(fit.exit_code, 0) << fit.err;
    EXPECT_EQ(run(folder_, {"predict", strategy, "photos/down/1.bmp", "-q"}).exit_code, 0);
  }
  const Finished measured = run(folder_, {"eval", "head", "photos"});  // of which fit held some out, but pre-training saw all
  EXPECT_NE(measured.out.find("12 of 12 were trained on"), std::string::npos) << measured.out;
  const Finished shown = run(folder_, {"show", "head"});
  EXPECT_NE(shown.out.find("own: pretrain (simclr), 12 photos of photos\n"), std::string::npos) << shown.out;
  expect_refused(run(folder_, {"show", "own"}), 1,
                 "own: holds an encoder, a network without classes, and no model.onnx; train a model on it: graft fit PHOTOS --from own");
  const Finished rows = run(folder_, {"embed", "photos", "--backbone", "own/encoder.onnx", "--out", "rows.npy", "-q"});
  EXPECT_EQ(rows.exit_code, 0) << rows.err;
  const Finished again = run(folder_, words({"--from", "own", "--out", "more", "-q"}));
  EXPECT_EQ(again.exit_code, 0) << again.err;
  const Finished from_model = run(folder_, words({"--from", "head", "--out", "most", "-q"}));
  EXPECT_EQ(from_model.exit_code, 0) << from_model.err;
  expect_refused(run(folder_, {"predict", "own", "photos/down/1.bmp"}), 1,
                 "own: holds an encoder, a network without classes, and no model.onnx; train a model on it: graft fit PHOTOS --from own");
  expect_refused(run(folder_, words({"--out", "own", "-q"})), 1, "own: already exists; choose another --out");
}

TEST_F(Pretrain, SaysWhetherItHelped) {
  const Finished done = run(folder_, words({"--out", "own", "--probe", "photos", "-q"}));
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("epoch      loss   spread     rank      knn   linear\nbefore        -        -")) << done.out;
  EXPECT_NE(done.out.find("of the 12 photos of --probe"), std::string::npos) << done.out;
  EXPECT_TRUE(done.out.ends_with("train a model on it with: graft fit PHOTOS --from own\n")) << done.out;
}

TEST_F(Pretrain, AVisionTransformerReconstructsWhatIsHidden) {
  write_transformer();
  const Finished done = run(folder_, masked({"--out", "own", "--probe", "photos"}));
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("epoch      loss     rank      knn   linear\nbefore        -")) << done.out;
  const json options = json_of("own/study.json")["options"];
  for (const char* option : {"color", "gray-chance", "blur-chance"}) EXPECT_EQ(options[option]["value"], 0) << options[option];
  const Finished fit = run(folder_, {"fit", "photos", "--from", "own", "--strategy", "head", "--out", "head", "-q"});
  EXPECT_EQ(fit.exit_code, 0) << fit.err;
  expect_refused(run(folder_, words({"--method", "mae", "-q"})), 2,
                 "--from efficientnet_lite0: is no vision transformer, and --method mae hides patches of its picture; choose --from deit_s_16, or "
                 "--method simclr");
  expect_refused(run(folder_, masked({"--mask", "0.98", "-q"})), 2,
                 "--mask 0.98: leaves 0 of 16 patches to be seen, expected some but not all; choose another --mask, or a larger --size");
  expect_refused(run(folder_, masked({"--decoder-width", "40", "-q"})), 2, "--decoder-width 40: expected a multiple of 32, the width of a head");
  EXPECT_EQ(listing(folder_.path()), (Words{"head", "own", "photos", "vit.onnx"})) << "nothing half-written is left";
}

TEST_F(Pretrain, OfAFolderWithPartsOnlyTrainIsUsed) {
  make_photos(folder_ / "parts/train", {"across", "down"}, 3);
  make_photos(folder_ / "parts/test", {"across", "down"}, 2);
  const Finished done = run(folder_, words({"--out", "own", "--epochs", "1"}, "parts"));
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("parts/train: 6 photos, used without labels; the other parts beside train/ are left for measuring\n"), std::string::npos)
      << done.err;
}

class PretrainKilled : public Pretrain, public testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(Pretrain, PretrainKilled, testing::Values("simclr", "simsiam", "byol", "mae"));

TEST_P(PretrainKilled, GoesOnToTheSameBytes) {
  write_transformer();
  const auto into = [&](const std::string& out) {
    const Words all{"--epochs", "3", "--checkpoint-minutes", "0.0000001", "--out", out};
    if (std::string_view(GetParam()) == "mae") return masked(all);
    Words of_views{"--method", GetParam()};
    of_views.insert(of_views.end(), all.begin(), all.end());
    return words(of_views);
  };
  ASSERT_EQ(run(folder_, into("whole")).exit_code, 0);
  const Program program(folder_.path(), into("killed"));
  program.wait_until_it_says("epoch 1/3: loss");
  kill(program.pid(), SIGKILL);
  ASSERT_EQ(program.wait().exit_code, 128 + SIGKILL);
  expect_refused(run(folder_, into("killed")), 1,
                 "killed: is an unfinished study; continue it: graft pretrain --resume killed, or choose another --out");
  const Finished resumed = run(folder_, {"pretrain", "--resume", "killed", "-q"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  expect_refused(run(folder_, {"pretrain", "--resume", "killed", "-q"}), 1, "killed: is finished; use it: graft fit PHOTOS --from killed");
  EXPECT_EQ(read_file(folder_ / "killed/encoder.onnx"), read_file(folder_ / "whole/encoder.onnx"));
  EXPECT_EQ(read_file(folder_ / "killed/weights.safetensors"), read_file(folder_ / "whole/weights.safetensors"));
  EXPECT_EQ(read_file(folder_ / "killed/history.json"), read_file(folder_ / "whole/history.json"));
}

TEST_F(Pretrain, InterruptedItSaysHowToGoOn) {
  const Program program(folder_.path(), words({"--epochs", "200", "--out", "own"}));
  program.wait_until_it_says("epoch   1/200: loss");
  kill(program.pid(), SIGTERM);
  const Finished done = program.wait();
  EXPECT_EQ(done.exit_code, 130);
  EXPECT_EQ(last_line(done), "graft: interrupted; continue with: graft pretrain --resume own\n");
  EXPECT_EQ(listing(folder_ / "own"), (Words{"checkpoint", "study.json"}));
}

TEST_F(Pretrain, WhatCannotBeDoneIsSaid) {
  const auto refused = [&](const Words& more, int exit_code, const std::string& line) { expect_refused(run(folder_, words(more)), exit_code, line); };
  expect_refused(run(folder_, {"pretrain"}), 2, "data: missing; usage: graft pretrain DATA [options]");
  refused({"--batch", "1", "-q"}, 2,
          "--batch 1: is too small for contrast: the views of a photo are compared with those of others; choose 8 or more");
  refused({"--batch", "13", "-q"}, 2,
          "--batch 13: there are only 12 photos, and a batch is of different photos; choose a smaller --batch, or give more photos");
  refused({"--from", "nowhere", "-q"}, 2, "backbone 'nowhere': no such network; see `graft models`");
  refused({"--from", "photos", "-q"}, 1, "photos: not a run folder: it holds no model.onnx; train one with `graft fit PHOTOS`");
  refused({"--crop-scale", "2", "-q"}, 2,
          "--crop-scale 2: expected two numbers LOW,HIGH with 0.01 <= LOW <= HIGH <= 1, or off; parts of a photo's area, for instance 0.35,1");
  fs::create_directory(folder_ / "empty");
  expect_refused(run(folder_, words({"-q"}, "empty")), 1,
                 "empty: holds no photos, expected JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC, AVIF, JPEG 2000 or DICOM files");
  refused({"--lr", "1e30", "-q"}, 1, "pretraining: the loss is NaN or infinite in step 2 of epoch 1; choose a lower --lr than 1e+30");
  refused({"--from", "missing.onnx", "-q"}, 1, "missing.onnx: no such file; see `graft models` for networks by name");
  make_photos(folder_ / "one", {"down"}, 3);
  refused({"--probe", "one", "-q"}, 1, "--probe one: expected at least two classes with two photos each; give more labeled photos, or omit it");
  write_file(folder_ / "photos/down/broken.bmp", std::string_view("no picture"));
  EXPECT_EQ(run(folder_, words({"-q"})).exit_code, 1);
  EXPECT_FALSE(fs::exists(folder_ / "runs")) << "nothing half-written is left";
  EXPECT_EQ(run(folder_, words({"--skip-unreadable", "--epochs", "1", "-q"})).exit_code, 0);
}

TEST_F(Pretrain, PhotosThatAreAllTheSameAreRefused) {
  for (int i = 0; i < 6; ++i) write_file(folder_ / "same" / (std::to_string(i) + ".bmp"), made_photo(0, 1));
  expect_refused(
      run(folder_, words({"--out", "own", "-q"}, "same")), 1,
      "pretraining: the network sees hardly any difference between the photos, even before (effective rank 1.000); give photos that differ");
  EXPECT_FALSE(fs::exists(folder_ / "own"));
}

}  // namespace
}  // namespace graft
