#include "graft/train/loop/soup.h"

#include <gtest/gtest.h>

#include "graft/train/checks.h"
#include "graft/train/cost.h"
#include "graft/train/loop/averages.h"
#include "graft/train/terms/loss.h"
#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;

TEST(GreedySoup, TakesWhatMakesItNoWorse) {
  const graph::Graph graph = network();
  const transfer::Plan plan = plan_of(transfer::Kind::head);
  const auto weights = [&](float head) {
    Weights list = Executor(graph, at::kFloat).values;
    for (std::size_t p = 0; p < list.size(); ++p)
      if (may_move(graph, plan, p)) list[p].fill_(head);
    return list;
  };
  const Weights best = weights(1), worse = weights(7), good = weights(3), last = weights(5);
  std::vector<float> asked;
  const auto judge = [&](const Weights& w) {
    const auto x = w.back().flatten()[0].item<float>();
    asked.push_back(x);
    return Validation{.loss = std::abs(x - 2), .accuracy = x < 3 ? 0.5 : 0.4, .logits = {x}};
  };
  const std::vector<const Weights*> all{&best, &worse, &good, &last};
  const Soup soup = greedy_soup(all, graph, plan, {}, judge);
  EXPECT_EQ(asked, (std::vector<float>{1, 4, 2, 3})) << "7 and 5 make it worse";
  EXPECT_EQ(soup.ingredients, 2);
}

/// The losses of single epochs and of the soup that training gives.
TEST(Soup, IsNoWorseThanTheBestEpoch) {
  TrainConfig config = config_of();
  config.epochs = 8;
  config.lr = 0.2;
  const Samples samples = pictures(30, 1), val = pictures(30, 99);
  const TrainResult last = train(network(), plan_of(transfer::Kind::full), config, samples, val);
  config.soup = 4;
  const TrainResult soup = train(network(), plan_of(transfer::Kind::full), config, samples, val);
  EXPECT_EQ(soup.history, last.history) << "it is made in the end";
  const auto best = std::ranges::min_element(soup.history, {}, &EpochRecord::val_loss);
  EXPECT_EQ(soup.kept_epoch, best - soup.history.begin());
  Executor executor(soup.graph, at::kFloat);
  executor.set_conv_algorithms(choose_conv_algorithms(soup.graph, config));
  const Validation validation = validate(executor, val, config.batch);
  EXPECT_LE(validation.loss, best->val_loss);
  EXPECT_EQ(validation.logits, soup.val_logits);
  EXPECT_FALSE(different(soup.graph, last.graph).empty());
}

TEST(Soup, OfOneEpochIsTheBest) {
  TrainConfig config = config_of();
  config.lr = 0.2;
  const Samples samples = pictures(30, 1), val = pictures(9, 99);
  config.keep = Keep::best;
  const TrainResult best = train(network(), plan_of(transfer::Kind::full), config, samples, val);
  config.keep = Keep::last;
  config.soup = 1;
  const TrainResult soup = train(network(), plan_of(transfer::Kind::full), config, samples, val);
  EXPECT_EQ(different(soup.graph, best.graph), std::vector<std::string>{});
  EXPECT_EQ(soup.kept_epoch, best.kept_epoch);
}

TEST(Soup, IsRefusedWhereItMeansNothing) {
  const auto text = [](void (*change)(TrainConfig&), std::size_t val) {
    TrainConfig config = config_of();
    config.soup = 3;
    change(config);
    return message_of([&] { check(network(), plan_of(transfer::Kind::full), config, {pictures(24, 1), pictures(val, 99)}); });
  };
  EXPECT_EQ(text([](TrainConfig& c) { c.ema = 0.9; }, 9), "--soup 3: --ema averages the weights already; choose one of them");
  EXPECT_EQ(text([](TrainConfig& c) { c.swa = 0.5; }, 9), "--soup 3: --swa averages the weights already; choose one of them");
  EXPECT_EQ(text([](TrainConfig&) {}, 0), "--soup 3: there are no validation photos to choose by; omit it, or hold photos out");
  EXPECT_EQ(text([](TrainConfig& c) { c.repeated = 3, c.imbalance = Imbalance::sampling; }, 9),
            "--repeated 3: --imbalance sampling already draws photos several times; choose one of them");
}

TEST(Soup, IsInTheEstimateOfMemory) {
  const auto bytes = [](const TrainConfig& config) { return estimate_bytes(network(), plan_of(transfer::Kind::full), config); };
  EXPECT_EQ(bytes({.soup = 5}) - bytes({}), 5 * 4 * static_cast<uint64_t>(graph::parameter_count(network())));
}

}  // namespace
}  // namespace graft::train
