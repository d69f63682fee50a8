// The rule as the end of a network: its numbers by hand, through the written file and the engine.
#include <gtest/gtest.h>

#include <cmath>

#include "error_text.h"
#include "graft/engine/engine.h"
#include "graft/graph/builder.h"
#include "graft/graph/walks.h"
#include "graft/onnx/write.h"
#include "graft/shots/network.h"

namespace graft::shots {
namespace {

/// Three features: the picture's mean colours times 1, 2 and 3.
graph::Graph colours() {
  graph::Graph network;
  network.name = "colours";
  graph::Builder b(network);
  b.stage("stem");
  const graph::Value x = b.input({3, 4, 4});
  graph::Value y = b.conv("stem", x, {.out = 3, .kernel = 1});
  y = graph::averaged(y);
  b.stage("head");
  b.linear("head", y, {.out = 5});
  const std::vector<float> scale{1, 0, 0, 0, 2, 0, 0, 0, 3};
  network.find("stem.weight")->tensor = graph::Tensor::copy_of(scale);
  return network;
}

TEST(Network, AnswersAsTheLayerDoesOfRowsOfLengthOne) {
  const std::vector<float> centre{0.5F, 0.25F, -1};
  const head::LinearHead layer{{1, 2, 3, -1, 0, 4}, {0.5F, -0.25F}, 2, 3};
  const graph::Graph network = with_rule(colours(), centre, layer);
  EXPECT_EQ(network.output_dims(), graph::Dims{2});
  const data::Preprocess plain{.resize = 4, .crop = 4, .mean = {0, 0, 0}, .std = {1, 1, 1}};
  engine::Engine engine(onnx::write(network), "colours", plain, {.batch = 1});
  std::vector<uint8_t> pixels;
  for (int i = 0; i < 16; ++i) pixels.insert(pixels.end(), {51, 102, 204});  // 0.2, 0.4, 0.8
  std::vector<float> logits(2);
  engine.run(pixels, 1, logits);
  const double z[] = {0.2 - 0.5, 2 * 0.4 - 0.25, 3 * 0.8 + 1};
  const double length = std::sqrt(z[0] * z[0] + z[1] * z[1] + z[2] * z[2]);
  EXPECT_NEAR(logits[0], (1 * z[0] + 2 * z[1] + 3 * z[2]) / length + 0.5, 1e-5);
  EXPECT_NEAR(logits[1], (-1 * z[0] + 4 * z[2]) / length - 0.25, 1e-5);
}

TEST(Network, GivesItsBackboneBack) {
  const head::LinearHead layer{{1, 2, 3, -1, 0, 4}, {0.5F, -0.25F}, 2, 3};
  const graph::Graph backbone = without_rule(with_rule(colours(), {}, layer), "runs/a");
  EXPECT_EQ(graph::feature_count(backbone), 3);
  EXPECT_EQ(graph::features(backbone).parameters.size(), 1U);
  EXPECT_EQ(test::error_of([] { without_rule(colours(), "runs/a"); }),
            "data: runs/a: its network does not end in the layers that `graft shots` writes; make the run again with `graft shots`");
}

}  // namespace
}  // namespace graft::shots
