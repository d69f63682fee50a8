#include <gtest/gtest.h>

#include <algorithm>

#include "graft/graph/walks.h"
#include "graft/transfer/co_tuning.h"
#include "train/in_pieces.h"
#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;

constexpr int kEpochs = 8, kSteps = 4;

/// What a fit makes of the network before it trains.
graph::Graph begun(const TrainConfig& config) {
  const graph::Graph graph = graph::with_dropout(graph::with_stochastic_depth(network(), config.stochastic_depth), config.dropout);
  return config.co_tuning > 0 ? transfer::with_source_head(graph, source()) : graph;
}

using Change = void (*)(TrainConfig&);
constexpr std::pair<const char*, Change> kChanges[] = {
    {"sgd", [](TrainConfig&) {}},
    {"adamw, average", [](TrainConfig& c) { c.optimiser = OptimiserKind::adamw, c.lr = 0.005, c.ema = 0.9; }},
    {"rmsprop, bf16", [](TrainConfig& c) { c.optimiser = OptimiserKind::rmsprop, c.lr = 0.005, c.storage = Storage::bf16; }},
    {"adam, 3 steps an update, clipped", [](TrainConfig& c) { c.optimiser = OptimiserKind::adam, c.lr = 0.005, c.accumulate = 3, c.clip = 0.1; }},
    {"plateau by accuracy",
     [](TrainConfig& c) {
       c.schedule = {.kind = transfer::ScheduleKind::plateau, .gamma = 0.5, .plateau_patience = 1};
       c.stop_metric = "val-accuracy";
     }},
    {"focal, balanced sampling", [](TrainConfig& c) { c.loss = LossKind::focal, c.imbalance = Imbalance::sampling, c.label_smoothing = 0.1; }},
    {"mixup and cutmix", [](TrainConfig& c) { c.mixup = 0.4, c.cutmix = 1; }},
    {"l2-sp, shrinkage, 2 steps an update", [](TrainConfig& c) { c.l2_sp = 0.05, c.bss = 0.01, c.accumulate = 2; }},
    {"delta, statistics by channel, 2 steps an update", [](TrainConfig& c) { c.delta = 0.5, c.stoch_norm = 0.5, c.accumulate = 2; }},
    {"delta beside shrinkage, repeated, bf16", [](TrainConfig& c) { c.delta = 0.5, c.bss = 0.01, c.repeated = 3, c.storage = Storage::bf16; }},
    {"soup of three", [](TrainConfig& c) { c.soup = 3; }},
    {"soup beside the best, statistics again", [](TrainConfig& c) { c.soup = 2, c.keep = Keep::best, c.precise_batch_norm = 2; }},
    {"co-tuning, dropout, stochastic depth", [](TrainConfig& c) { c.co_tuning = 2.3, c.dropout = 0.3, c.stochastic_depth = 0.5; }},
    {"swa, then wise", [](TrainConfig& c) { c.swa = 0.5, c.wise = 0.7; }},
    {"sam, 2 steps an update, averaged", [](TrainConfig& c) { c.sam = 0.05, c.accumulate = 2, c.ema = 0.5; }},
    {"precise batch norm, 2 steps an update", [](TrainConfig& c) { c.precise_batch_norm = 3, c.accumulate = 2, c.ema = 0.5; }},
};

class Resume : public testing::TestWithParam<transfer::Kind> {};

TEST_P(Resume, OfARunStoppedAt20RandomStepsIsTheUninterruptedOne) {
  Samples samples = pictures(30, 1);
  const Samples val = pictures(9, 99);
  const transfer::Plan plan = plan_of(GetParam());
  uint64_t seed = 0;
  for (const auto& [name, change] : kChanges) {
    TrainConfig config = config_of();
    config.epochs = kEpochs;
    change(config);
    const bool back = config.l2_sp > 0 || config.wise < 1 || config.delta > 0 || config.co_tuning > 0;
    if (back && GetParam() == transfer::Kind::scratch) continue;  // refused
    if (GetParam() == transfer::Kind::head && config.delta > 0) continue;
    if (std::ranges::none_of(plan.stages, &transfer::StagePlan::batch_norm_live)) config.stoch_norm = 0;
    const graph::Graph start = begun(config);
    samples.relation = config.co_tuning > 0 ? train::Relation{2, {0.9F, 0.1F, 0.5F, 0.5F, 0.2F, 0.8F}} : train::Relation{};
    samples.teacher.assign(config.mixup > 0 ? 30 * 3 : 0, 0.5F);
    if (config.mixup > 0) samples.teacher[7] = 3;  // and a teacher
    const TrainResult whole = train(start, plan, config, samples, val);
    const TrainResult pieces = in_pieces(random_stops(Rng(++seed), 20, kEpochs * kSteps),
                                         [&](const Hooks& hooks) { return train(start, plan, config, samples, val, hooks); });
    EXPECT_EQ(different(whole.graph, pieces.graph), std::vector<std::string>{}) << name;
    EXPECT_EQ(whole.history, pieces.history) << name;
    EXPECT_EQ(whole.kept_epoch, pieces.kept_epoch) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Strategies, Resume,
                         testing::Values(transfer::Kind::head, transfer::Kind::partial, transfer::Kind::full, transfer::Kind::gradual,
                                         transfer::Kind::scratch),
                         [](const auto& strategy) { return std::string(transfer::to_string(strategy.param)); });

TEST(ResumeAtTheEnd, MeasuresStatisticsAgainAfterAStopInTheMidstOfIt) {
  TrainConfig config = config_of();
  config.precise_batch_norm = 4;
  const Samples samples = pictures(30, 1);
  const transfer::Plan plan = plan_of(transfer::Kind::full);
  const auto trained = [&](const Hooks& hooks) { return train(network(), plan, config, samples, {}, hooks); };
  EXPECT_EQ(different(trained({}).graph, in_pieces({config.epochs * kSteps + 2}, trained).graph), std::vector<std::string>{});
}

TEST(ResumeAtTheEnd, OfAStoppedEarlyRunIsTheSameEnd) {
  TrainConfig config = config_of();
  config.epochs = 50;
  config.patience = 2;
  config.lr = 1e-9;
  const Samples samples = pictures(30, 1), val = pictures(9, 99);
  const transfer::Plan plan = plan_of(transfer::Kind::head);
  const auto trained = [&](const Hooks& hooks) { return train(network(), plan, config, samples, val, hooks); };
  const TrainResult whole = trained({}), pieces = in_pieces({3, 5, 11}, trained);
  EXPECT_TRUE(whole.stopped_early && pieces.stopped_early);
  EXPECT_EQ(whole.history, pieces.history);
  EXPECT_EQ(different(whole.graph, pieces.graph), std::vector<std::string>{});
}

}  // namespace
}  // namespace graft::train
