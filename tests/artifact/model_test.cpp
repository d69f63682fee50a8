// A Model is for one caller at a time, and says so when there are two.
#include "graft/artifact/model.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "bmp.h"
#include "folder.h"
#include "graft/base/files.h"
#include "graft/graph/builder.h"
#include "models/rule.h"

namespace graft::artifact {
namespace {

namespace fs = std::filesystem;

/// Looks at the mean colour of a picture.
graph::Graph tiny() {
  graph::Graph graph{.name = "tiny"};
  graph::Builder b(graph);
  b.stage("stem");
  const graph::Value x = graph::apply(graph::GlobalAveragePool{}, {b.input({3, 8, 8})});
  b.stage("head");
  b.linear("fc", x, {.out = 2});
  rule::fill(graph);
  return graph;
}

class OneModel : public testing::Test {
 protected:
  OneModel() {
    ModelCard card{.labels = {"red", "blue"}, .preprocess = {}};
    card.preprocess.resize = card.preprocess.crop = 8;
    card.provenance = nlohmann::ordered_json::object();
    write_file(folder_ / "model.onnx", to_onnx(tiny(), card));
    for (int i = 0; i < 4; ++i) {
      photos_.push_back(folder_ / (std::to_string(i) + ".bmp"));
      write_file(photos_.back(), made_photo(i % 2, i));
    }
  }
  Model load() const { return load_model(folder_ / "model.onnx", {.batch = 1}); }

  TestFolder folder_;
  std::vector<fs::path> photos_;
};

/// What a thread of its own meets that predicts with the model.
std::string second_caller(Model& model, const std::vector<fs::path>& photos) {
  std::string met = "answers";
  std::thread([&] {
    try {
      predict(model, photos, 1);
    } catch (const std::logic_error& e) {
      met = e.what();
    }
  }).join();
  return met;
}

TEST_F(OneModel, ASecondCallerAtOnceIsRefusedAndTheFirstGetsItsAnswers) {
  Model model = load();
  const std::vector<float> alone = predict(model, photos_, 1).logits;
  std::vector<std::string> met;
  const Predictions first = predict(model, photos_, 1, [&](std::size_t) { met.push_back(second_caller(model, photos_)); });
  EXPECT_EQ(first.logits, alone);
  ASSERT_EQ(met.size(), photos_.size());
  for (const std::string& text : met)
    EXPECT_EQ(text, (folder_ / "model.onnx").string() +
                        ": predict() while another predict() with the same Model is at work; give each thread a Model of its own");
}

TEST_F(OneModel, ACopySharesTheEngineAndIsRefusedToo) {
  Model model = load(), copy = model;
  std::string met;
  predict(model, photos_, 1, [&](std::size_t) { met = second_caller(copy, photos_); });
  EXPECT_TRUE(met.ends_with("give each thread a Model of its own")) << met;
}

TEST_F(OneModel, AnotherModelOfTheSameFileMayAnswerMeanwhile) {
  Model model = load(), other = load();
  predict(model, photos_, 1, [&](std::size_t) { EXPECT_EQ(second_caller(other, photos_), "answers"); });
}

TEST_F(OneModel, AfterwardsOrAfterAFailureTheNextMayCall) {
  Model model = load();
  EXPECT_THROW(predict(model, photos_, 1, [](std::size_t) { throw std::runtime_error("of the caller"); }), std::runtime_error);
  EXPECT_EQ(second_caller(model, photos_), "answers");
  EXPECT_EQ(second_caller(model, photos_), "answers");
}

}  // namespace
}  // namespace graft::artifact
