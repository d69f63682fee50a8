// The new layer by steps, with dense layers before it, on a whole feature map, and kept from an earlier run.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <cmath>

#include "cli/program.h"
#include "graft/weights/file/safetensors.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Words = std::vector<std::string>;
using Shape = std::vector<int64_t>;

/// Photos, and a run with a hidden layer that others go on from; made once.
class NewLayer : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TestFolder;
    make_photos(*folder_ / "photos", {"across", "down", "wide"}, 8);
    fit({"--hidden", "16", "--out", "first", "--epochs", "12", "--lr", "0.02"});
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }

  static Words words(const Words& more) {
    Words all{"fit", "photos", "--size", "64", "--batch", "6", "--precision", "float32", "-q"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  static json fit(const Words& more) {
    Words all = words(more);
    all.emplace_back("--json");
    const Finished done = run(*folder_, all);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.exit_code == 0 ? json::parse(done.out) : json();
  }
  static void refused(const Words& more, int code, const std::string& line) {
    expect_refused(run(*folder_, words(more)), code, line);
    EXPECT_FALSE(fs::exists(*folder_ / "runs"));
  }
  static fs::path at(const std::string& name) { return *folder_ / name; }
  static json phase(const std::string& name) {
    const auto bytes = read_file(at(name) / "history.json");
    return json::parse(as_text(bytes))["phases"].back();
  }
  static weights::StateDict weights_of(const std::string& name) { return weights::read_safetensors(at(name) / "weights.safetensors"); }
  static Shape shape(const std::string& name, const std::string& tensor) {
    const weights::StateDict dict = weights_of(name);
    const auto found = dict.tensors.find(tensor);
    return found == dict.tensors.end() ? Shape{} : found->second.shape;
  }
  static double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
    EXPECT_EQ(a.size(), b.size());
    double largest = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) largest = std::max(largest, std::abs(static_cast<double>(a[i] - b[i])));
    return largest;
  }

  inline static TestFolder* folder_ = nullptr;
};

TEST_F(NewLayer, StepsTrainItAloneAndRepeat) {
  const json result =
      fit({"--strategy", "head", "--solver", "steps", "--optimizer", "adam", "--epochs", "3", "--augment", "standard", "--out", "steps"});
  EXPECT_EQ(result["strategy"], "head");
  EXPECT_EQ(result["config"]["begin"], json::parse(R"({"value": "random", "source": "chosen", "reason": "--solver steps"})"));
  EXPECT_EQ(phase("steps")["trains"], json::parse(R"([{"name": "head", "from_epoch": 1, "lr_scale": 1.0, "batch_norm_live": false}])"));
  EXPECT_EQ(phase("steps")["epochs"].size(), 3);
  fit({"--hidden", "8", "--strategy", "head", "--epochs", "1", "--seed", "1", "--out", "other"});
  const weights::StateDict a = weights_of("steps"), b = weights_of("other");
  for (const auto& [name, tensor] : a.tensors)
    if (!name.starts_with("classifier.")) {
      EXPECT_EQ(weights::to_floats(tensor), weights::to_floats(b.tensors.at(name))) << name << " is frozen";
    }
  const Finished again = run(*folder_, {"fit", "--config", "steps/config.toml", "--out", "again", "-q"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(read_file(at("steps/model.onnx")), read_file(at("again/model.onnx")));
}

TEST_F(NewLayer, HiddenLayersStandBeforeIt) {
  EXPECT_EQ(shape("first", "hidden.0.weight"), (Shape{16, 1280}));
  EXPECT_EQ(shape("first", "hidden.0.bias"), (Shape{16}));
  EXPECT_EQ(shape("first", "classifier.weight"), (Shape{3, 16}));
  EXPECT_GE(phase("first")["val_accuracy"], 0.8);
  fit({"--hidden", "12, 5", "--strategy", "partial", "--epochs", "1", "--mirror", "--out", "two"});
  EXPECT_EQ(shape("two", "hidden.1.weight"), (Shape{5, 12}));
  EXPECT_EQ(phase("two")["trains"].size(), 2);
}

TEST_F(NewLayer, AWholeFeatureMapMayBeSeen) {
  fit({"--pool", "flatten", "--hidden", "6", "--epochs", "1", "--out", "flat"});
  EXPECT_EQ(shape("flat", "hidden.0.weight"), (Shape{6, 1280 * 2 * 2}));
  fit({"--pool", "flatten", "--strategy", "partial", "--epochs", "1", "--begin", "zero", "--mirror", "--out", "zero"});
  EXPECT_EQ(shape("zero", "classifier.weight"), (Shape{3, 1280 * 2 * 2}));
}

/// With a learning rate that moves nothing, what was kept is what comes out.
TEST_F(NewLayer, AKeptHeadGoesOnFromWhereItWas) {
  const json result = fit({"--from", "first", "--begin", "kept", "--strategy", "partial", "--epochs", "1", "--lr", "1e-12", "--out", "kept"});
  EXPECT_EQ(result["config"]["begin"]["value"], "kept");
  const weights::StateDict before = weights_of("first"), after = weights_of("kept");
  EXPECT_LT(largest_difference(weights::to_floats(before.tensors.at("classifier.weight")), weights::to_floats(after.tensors.at("classifier.weight"))),
            1e-6);
  EXPECT_EQ(phase("kept")["val_accuracy"], phase("first")["val_accuracy"]);
  fit({"--from", "first", "--begin", "kept", "--strategy", "head", "--epochs", "2", "--out", "more"});
  EXPECT_GT(largest_difference(weights::to_floats(before.tensors.at("classifier.weight")),
                               weights::to_floats(weights_of("more").tensors.at("classifier.weight"))),
            1e-6);
}

TEST_F(NewLayer, OtherClassesHaveAnotherHead) {
  const std::string hint = "; its head can only be kept for its own classes; omit --begin kept to get a new one\n";
  const auto with = [&](const Words& classes) {
    const std::string name = "photos-" + classes.back() + std::to_string(classes.size());
    make_photos(at(name), classes, 4);
    Words all = words({"--from", "first", "--begin", "kept", "--strategy", "partial"});
    all[1] = name;
    return run(*folder_, all).err;
  };
  EXPECT_EQ(with({"across", "up", "wide"}), "graft: first: its class 2 is 'down', that of the photos 'up'" + hint);
  EXPECT_EQ(with({"across", "down"}), "graft: first: has a class 'wide', which the photos do not have" + hint);
  EXPECT_EQ(with({"across", "down", "wide", "x"}), "graft: first: does not know the class 'x' of the photos" + hint);
}

TEST_F(NewLayer, ContradictionsAreRefused) {
  const std::string numbers = ": expected whole numbers from 1 to 65536, separated by commas; for instance --hidden 512";
  refused({"--hidden", "0"}, 2, "--hidden 0" + numbers);
  refused({"--hidden", "512,"}, 2, "--hidden 512," + numbers);
  refused({"--hidden", "many"}, 2, "--hidden many" + numbers);
  refused({"--solver", "newton"}, 2, "--solver newton: expected lbfgs, steps or auto");
  const std::string linear = "cannot be solved for: only a linear layer on averaged features can";
  refused({"--hidden", "8", "--solver", "lbfgs"}, 2, "--hidden 8: " + linear + "; choose --solver steps, or omit it");
  refused({"--pool", "flatten", "--strategy", "full", "--begin", "solved"}, 2, "--pool flatten: " + linear + "; omit --begin");
  refused({"--hidden", "8", "--begin", "zero"}, 2, "--hidden 8: never learns anything when it starts at zero; omit --begin");
  refused({"--solver", "steps", "--strategy", "partial"}, 2, "--solver: is for --strategy head; partial trains by steps; omit it");
  refused({"--begin", "kept", "--strategy", "partial"}, 2, "--begin kept: is for the head of an earlier run; give --from RUN, too");
  refused({"--begin", "kept", "--from", "first"}, 2, "--begin kept: is for training by steps; choose --strategy head, partial or full");
  refused({"--begin", "kept", "--from", "first", "--strategy", "full", "--hidden", "8"}, 2,
          "--hidden 8: is for a new layer, and --begin kept has none; give only one of them");
}

TEST_F(NewLayer, ASolvedHeadKnowsNoOptionOfSteps) {
  const std::string more = ": is for training by steps, but --strategy head is solved; choose --strategy partial or full, or --solver steps";
  const auto line = [&](const Words& words_of) {
    Words all{"fit", "photos", "--size", "64", "--strategy", "head", "-q"};
    all.insert(all.end(), words_of.begin(), words_of.end());
    return run(*folder_, all).err;
  };
  EXPECT_EQ(line({"--epochs", "20"}), "graft: --epochs 20" + more + "\n");
  EXPECT_EQ(line({"--epochs", "10"}), "graft: --epochs 10" + more + "\n") << "the default, but given";
  EXPECT_EQ(line({"--optimizer", "adam"}), "graft: --optimizer adam" + more + "\n");
  EXPECT_EQ(line({"--flip", "0.3"}), "graft: --flip 0.3" + more + "\n");
  EXPECT_EQ(line({"--decay-norms"}), "graft: --decay-norms" + more + "\n");
  EXPECT_EQ(line({"--begin", "zero", "--solver", "lbfgs"}), "graft: --begin zero" + more + "\n");
  // The record of a run whose strategy was chosen says both.
  fit({"--epochs", "3", "--out", "chosen"});
  const Finished again = run(*folder_, {"fit", "--config", "chosen/config.toml", "--out", "chosen-again", "-q"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(read_file(at("chosen/model.onnx")), read_file(at("chosen-again/model.onnx")));
  write_file(at("defaults.toml"), "epochs = 10\nmixup = 0\n");
  EXPECT_EQ(run(*folder_, {"fit", "photos", "--size", "64", "--strategy", "head", "--config", "defaults.toml", "--out", "file", "-q"}).exit_code, 0);
}

}  // namespace
}  // namespace graft
