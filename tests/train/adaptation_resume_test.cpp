// Every way to adapt goes on byte for byte, whatever else it has in its checkpoint: the discriminator, the labels that the network gave itself.
#include <gtest/gtest.h>

#include "train/adapting.h"
#include "train/in_pieces.h"

namespace graft::train {
namespace {

using namespace small;

Streams streams_of(Adaptation method) {
  if (method == Adaptation::shot) {
    Samples samples{.labels = std::vector<int>(24), .fill = target(24).fill};
    return {samples};
  }
  return {pictures(24, 1), pictures(9, 99), {target(20)}};
}

transfer::Plan plan_for(Adaptation method) {
  transfer::Plan plan = transfer::plan(narrowed(), {.kind = transfer::Kind::full, .weight_decay = 1e-3});
  return method == Adaptation::shot ? transfer::with_frozen_head(std::move(plan)) : plan;
}

constexpr int kEpochs = 4, kSteps = 3;

class AdaptationResume : public testing::TestWithParam<Adaptation> {};

TEST_P(AdaptationResume, OfARunStoppedAt10RandomStepsIsTheUninterruptedOne) {
  for (const bool adam : {false, true}) {
    TrainConfig config = config_of(adam ? OptimiserKind::adamw : OptimiserKind::sgd);
    config.epochs = kEpochs;
    config.adapt = GetParam();
    config.precise_batch_norm = adam ? 2 : 0;
    const TrainResult whole = train::train(narrowed(), plan_for(GetParam()), config, streams_of(GetParam()));
    ASSERT_EQ(whole.history.size(), static_cast<std::size_t>(kEpochs));

    const Rng rng(adam ? 5 : 4, static_cast<uint64_t>(GetParam()));
    const TrainResult pieces = in_pieces(random_stops(rng, 10, kEpochs * kSteps), [&](const Hooks& hooks) {
      return train::train(narrowed(), plan_for(GetParam()), config, streams_of(GetParam()), hooks);
    });
    EXPECT_EQ(whole.history, pieces.history);
    EXPECT_EQ(different(whole.graph, pieces.graph), std::vector<std::string>{}) << (adam ? "adamw" : "sgd");
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, AdaptationResume,
                         testing::Values(Adaptation::deep_coral, Adaptation::dan, Adaptation::mcc, Adaptation::shot, Adaptation::dann,
                                         Adaptation::cdan, Adaptation::confusion),
                         [](const auto& method) {
                           std::string name(to_string(method.param));
                           std::erase(name, '-');
                           return name;
                         });

/// Who chooses an epoch without labels is shown each epoch's weights.
TEST(Hooks, ShowTheWeightsOfEveryEpoch) {
  TrainConfig config = config_of();
  config.adapt = Adaptation::mcc;
  std::vector<graph::Graph> shown;
  std::vector<int> epochs;
  const TrainResult result = trained(config, {.weights = [&](int epoch, const graph::Graph& graph) {
                                       epochs.push_back(epoch);
                                       shown.push_back(graph);
                                     }});
  EXPECT_EQ(epochs, (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(different(shown.back(), result.graph), std::vector<std::string>{});
  EXPECT_FALSE(different(shown[2], result.graph).empty());
}

}  // namespace
}  // namespace graft::train
