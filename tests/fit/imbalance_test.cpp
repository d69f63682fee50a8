#include "graft/fit/job/imbalance.h"

#include <gtest/gtest.h>

namespace graft::fit {
namespace {

using train::Imbalance;

TEST(HeadWeights, FollowTheImbalance) {
  const auto of = [](Imbalance imbalance) { return head_weights({.imbalance = imbalance, .effective_beta = 0.9}); };
  EXPECT_EQ(of(Imbalance::none).kind, ClassWeights::none);
  EXPECT_EQ(of(Imbalance::automatic).kind, ClassWeights::none);
  for (const auto way : {Imbalance::weights, Imbalance::balanced_softmax, Imbalance::sampling}) EXPECT_EQ(of(way).kind, ClassWeights::balanced);
  EXPECT_EQ(of(Imbalance::effective).kind, ClassWeights::effective);
  EXPECT_EQ(of(Imbalance::effective).beta, 0.9);
}

Configured<FitConfig> chosen(Imbalance imbalance, transfer::Kind strategy, Source source) {
  Configured<FitConfig> config;
  config.values.training.imbalance = imbalance;
  config.values.strategy = strategy;
  config.origins["imbalance"] = {source, ""};
  return config;
}

TEST(ChooseImbalance, ATrainingThatFollowsTheHeadTakesBalancedSoftmaxUnlessTheUserSaidOtherwise) {
  const auto after = [](Configured<FitConfig> config) {
    choose_imbalance_of_training(config);
    return config.values.training.imbalance;
  };
  EXPECT_EQ(after(chosen(Imbalance::weights, transfer::Kind::partial, Source::chosen)), Imbalance::balanced_softmax);
  EXPECT_EQ(after(chosen(Imbalance::weights, transfer::Kind::head, Source::chosen)), Imbalance::weights);
  EXPECT_EQ(after(chosen(Imbalance::weights, transfer::Kind::partial, Source::flag)), Imbalance::weights);
  EXPECT_EQ(after(chosen(Imbalance::none, transfer::Kind::partial, Source::chosen)), Imbalance::none);
  Configured<FitConfig> older = chosen(Imbalance::weights, transfer::Kind::partial, Source::chosen);
  older.values.class_weights = ClassWeighting::balanced;
  EXPECT_EQ(after(older), Imbalance::weights) << "--class-weights balanced says what to do";
}

}  // namespace
}  // namespace graft::fit
