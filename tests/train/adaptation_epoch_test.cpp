// The epoch that a training is kept at by what its answers to the target say, without labels of it.
#include <gtest/gtest.h>

#include "folder.h"
#include "graft/base/error.h"
#include "graft/eval/scores.h"
#include "graft/eval/unlabelled.h"
#include "graft/train/checks.h"
#include "graft/train/predict.h"
#include "train/adapting.h"

namespace graft::train {
namespace {

using namespace small;

/// With labels of the target's photos that choose nothing, and with validation or without.
Streams streams_of(bool validated) {
  Streams streams{pictures(24, 1), validated ? pictures(9, 99) : Samples{}, {target(20)}};
  streams.watched = target(20);
  streams.measured = {.labels = pictures(20, 500).labels, .fill = target(20).fill};
  return streams;
}

transfer::Plan plan_of() { return transfer::plan(narrowed(), {.kind = transfer::Kind::full, .weight_decay = 1e-3}); }

TrainConfig by_information() {
  TrainConfig config = config_of();
  config.adapt = Adaptation::dann;
  config.epochs = 6;
  config.lr = 0.1;
  config.keep = Keep::best;
  config.stop_metric = kInformation;
  return config;
}

TEST(EpochWithoutLabels, HasTheHighestInformationOfItsAnswers) {
  for (const bool validated : {true, false}) {
    const TrainConfig config = by_information();
    const Streams streams = streams_of(validated);
    const TrainResult result = train::train(narrowed(), plan_of(), config, streams);
    std::vector<double> information;
    for (const EpochRecord& e : result.history) information.push_back(e.scores.at(kInformation));
    const auto best = std::ranges::max_element(information);
    EXPECT_LT(std::ranges::min(information), *best);
    EXPECT_EQ(result.kept_epoch, best - information.begin());
    std::vector<float> said = predict(result.graph, config, streams.measured);
    eval::to_probabilities(data::SingleLabel{}, said, 3);
    EXPECT_NEAR(eval::information_maximisation(said, 3), *best, 1e-6) << "the graph is not that epoch's";
    int right = 0;
    for (std::size_t i = 0; i < 20; ++i)
      right +=
          std::max_element(said.begin() + static_cast<std::ptrdiff_t>(3 * i), said.begin() + static_cast<std::ptrdiff_t>(3 * i + 3)) - said.begin() ==
                  static_cast<std::ptrdiff_t>(3 * i) + streams.measured.labels[i]
              ? 1
              : 0;
    EXPECT_DOUBLE_EQ(result.history[static_cast<std::size_t>(result.kept_epoch)].scores.at(kTargetAccuracy), right / 20.0);
  }
}

TEST(EpochWithoutLabels, IsTheSameAfterAStop) {
  const TrainConfig config = by_information();
  const Streams streams = streams_of(true);
  const TrainResult whole = train::train(narrowed(), plan_of(), config, streams);
  const TestFolder folder;
  for (int stop = 1;; stop += 4) {
    int step = 0;
    try {
      const TrainResult part =
          train::train(narrowed(), plan_of(), config, streams, {.stop = [&] { return ++step == stop; }, .checkpoint = folder.path() / "checkpoint"});
      EXPECT_EQ(part.history, whole.history);
      EXPECT_EQ(part.kept_epoch, whole.kept_epoch);
      EXPECT_EQ(different(part.graph, whole.graph), std::vector<std::string>{});
      break;
    } catch (const Interrupted&) {}
  }
}

TEST(EpochWithoutLabels, WantsPhotosToAskAbout) {
  TrainConfig config = by_information();
  const auto refused = [&](const Streams& streams) -> std::string {
    try {
      check(narrowed(), plan_of(), config, streams);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  Streams streams = streams_of(true);
  EXPECT_EQ(refused(streams), "");
  config.soup = 2;
  EXPECT_EQ(refused(streams), "--stop-metric information: cannot choose what goes into --soup; omit --soup, or choose val-loss");
  config.soup = 0;
  streams.watched = {};
  EXPECT_EQ(refused(streams), "--stop-metric information: is of a target's photos, and there are none; choose val-loss");
}

}  // namespace
}  // namespace graft::train
