// The written model is checked, and there is a model in the end: bf16 that comes between it and its training is no error.
#include "graft/fit/run/checked.h"

#include <gtest/gtest.h>

#include <cmath>

#include "bmp.h"
#include "error_text.h"
#include "folder.h"
#include "graft/base/files.h"
#include "graft/engine/features.h"
#include "graft/fit/head/probe.h"
#include "graft/fit/more/new_layer.h"
#include "graft/graph/builder.h"

namespace graft::fit {
namespace {

constexpr int kSide = 32;
using engine::Precision;

class Checked : public testing::Test {
 protected:
  Checked() {
    setenv("GRAFT_CACHE", (folder_ / "cache").c_str(), 1);
    for (int i = 0; i < 16; ++i) {
      const std::filesystem::path path = folder_ / (std::to_string(i) + ".bmp");
      write_file(path, made_photo(i % 2, i, kSide, kSide));
      (i < 12 ? photos_.train : photos_.val).push_back({.path = path, .label = i % 2});
    }
    config_.values.l2 = 0.1;
    config_.values.threads = 1;
    job_.splits.classes = {"ant", "bee"};
    job_.splits.train = photos_.train;
    job_.splits.val = photos_.val;
    job_.preprocess = {.resize = kSide, .crop = kSide};
    job_.pretrained.graph = network();
  }
  ~Checked() override { unsetenv("GRAFT_CACHE"); }

  /// Features are the sizes of three colours' changes from left to right and of three from top to bottom.
  static graph::Graph network() {
    graph::Graph graph{.name = "small"};
    graph::Builder b(graph);
    b.stage("stem");
    const graph::Value x = relu(b.conv("conv", b.input({3, kSide, kSide}), {.out = 6, .kernel = 2, .bias = true}));
    b.stage("head");
    b.linear("head", apply(graph::GlobalAveragePool{}, {x}), {.out = 2});
    for (graph::Parameter& p : graph.parameters)
      p.tensor = graph::Tensor::copy_of(std::vector<float>(static_cast<std::size_t>(graph::element_count(p.shape)), 0.0F));
    std::vector<float> weight(std::size_t{6} * 3 * 2 * 2);
    for (std::size_t out = 0; out < 6; ++out)
      for (std::size_t y = 0; y < 2; ++y)
        for (std::size_t x_at = 0; x_at < 2; ++x_at) weight[((out * 3 + out % 3) * 2 + y) * 2 + x_at] = (out < 3 ? x_at : y) == 0 ? -1.0F : 1.0F;
    graph.find("conv.weight")->tensor = graph::Tensor::copy_of(weight);
    return graph;
  }

  /// The head of these photos as it is in float32.
  Outcome solved() {
    Outcome outcome = head_in_float32(job_, {}, {});
    notes_.clear();
    return outcome;
  }

  /// Of a model whose training says that it was in `precision`.
  artifact::Predictions check(Outcome& outcome, Precision precision, bool head) {
    const RunFiles files{.graph = outcome.network,
                         .card = {.labels = job_.splits.classes,
                                  .preprocess = job_.preprocess,
                                  .precision = precision,
                                  .provenance = nlohmann::ordered_json::object()},
                         .val = photos_.val,
                         .train = photos_.train};
    files_.emplace(files);
    return write_checked(job_, {}, photos_, head ? std::optional(graph::HeadInput{}) : std::nullopt, *files_, outcome, folder_.path());
  }
  Precision written() const { return artifact::load_card(folder_ / "model.onnx").precision; }
  static std::vector<float> moved(std::vector<float> logits, float by) {
    for (std::size_t i = 0; i < logits.size(); ++i) logits[i] += i % 2 == 0 ? by : -by;
    return logits;
  }

  TestFolder folder_;
  Photos photos_;
  std::vector<std::string> notes_;
  Listener listener_{.note = [this](const std::string& sentence) { notes_.push_back(sentence); }};
  Configured<FitConfig> config_;
  Job job_{config_, listener_};
  std::optional<RunFiles> files_;
};

TEST_F(Checked, AHeadThatAnswersAsItWasSolvedStays) {
  Outcome outcome = solved();
  const std::vector<float> before = outcome.val_logits;
  const artifact::Predictions found = check(outcome, Precision::float32, true);
  EXPECT_EQ(outcome.val_logits, before);
  EXPECT_TRUE(notes_.empty());
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(found.logits[i], before[i], 1e-3 * std::abs(before[i]) + 1e-4);
}

TEST_F(Checked, AHeadOfFeaturesThatBf16SpoiltIsSolvedAgainInFloat32) {
  const Outcome right = solved();
  Outcome outcome = right;
  outcome.val_logits = moved(right.val_logits, -9);
  outcome.network.find("head.weight")->tensor = graph::Tensor::copy_of(std::vector<float>(12, 0.0F));
  const artifact::Predictions found = check(outcome, Precision::bf16, true);
  EXPECT_EQ(files_->card.precision, Precision::float32);
  EXPECT_EQ(written(), Precision::float32);
  EXPECT_EQ(config_.values.precision, Precision::float32);
  EXPECT_EQ(outcome.val_logits, right.val_logits);
  for (std::size_t i = 0; i < right.val_logits.size(); ++i)
    EXPECT_NEAR(found.logits[i], right.val_logits[i], 1e-3 * std::abs(right.val_logits[i]) + 1e-4);
  ASSERT_EQ(notes_.size(), 1U);
  EXPECT_TRUE(notes_[0].starts_with("in bf16 the features and the written model disagree (probabilities differ by ")) << notes_[0];
  EXPECT_TRUE(notes_[0].ends_with(" of 4 answers differ): features are computed in float32 and the head is solved again")) << notes_[0];
}

TEST_F(Checked, ATrainingThatBf16DisturbedIsMeasuredOnItsModel) {
  Outcome outcome = solved();
  const std::vector<float> right = outcome.val_logits;
  for (float& x : outcome.val_logits) x /= 2;  // less sure of the same answers
  const artifact::Predictions found = check(outcome, Precision::bf16, false);
  EXPECT_EQ(files_->card.precision, Precision::float32);
  EXPECT_EQ(written(), Precision::float32);
  ASSERT_FALSE(notes_.empty());
  EXPECT_TRUE(notes_.back().starts_with("the model in float32 answers differently than training in bf16 did (")) << notes_.back();
  for (std::size_t i = 0; i < right.size(); ++i) EXPECT_NEAR(found.logits[i], right[i], 1e-3 * std::abs(right[i]) + 1e-4);
}

TEST_F(Checked, AModelThatIsWrongIsAnError) {
  Outcome outcome = solved();
  const std::vector<float> right = outcome.val_logits;
  outcome.val_logits = moved(right, 0.5F);
  EXPECT_NE(test::message_of([&] { check(outcome, Precision::float32, true); }).find("its answers are not those seen in training"),
            std::string::npos);
  for (float& x : outcome.val_logits) x = -right[static_cast<std::size_t>(&x - outcome.val_logits.data())];
  EXPECT_NE(test::message_of([&] { check(outcome, Precision::bf16, false); }).find("its answers are not those seen in training"), std::string::npos);
  outcome.val_logits = right;
  outcome.network.find("head.bias")->tensor = graph::Tensor::copy_of(std::vector<float>{std::nanf(""), 0});
  EXPECT_THROW(check(outcome, Precision::bf16, false), Error);
}

}  // namespace
}  // namespace graft::fit
