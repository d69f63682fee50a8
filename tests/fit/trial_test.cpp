// What a trial finds, from the answers of both on the same photos.
#include "graft/fit/more/trial.h"

#include <gtest/gtest.h>

#include <cmath>

namespace graft::fit {
namespace {

TEST(Trial, ComparesThePhotosOneByOne) {
  const float half = 0, sure = std::log(3.0F);  // probability 1/2, 3/4
  const std::vector<float> head{half, half, half, half, half, half}, trained{sure, 0, 0, sure, 0, sure};
  const std::vector<int> labels{0, 1, 0};
  const Trial t = compare(trained, head, {.rows = 3, .labels = labels});
  EXPECT_EQ(t.judged_on, 3);
  EXPECT_NEAR(t.accuracy, 2.0 / 3, 1e-9);
  const double up = std::log(1.5), down = std::log(0.5), mean = (2 * up + down) / 3;
  EXPECT_NEAR(t.gain, mean, 1e-6);
  EXPECT_NEAR(t.gain_error, std::sqrt((2 * std::pow(up - mean, 2) + std::pow(down - mean, 2)) / 3 / 2), 1e-6);
}

TEST(Trial, PaysWhereMorePhotosAreRight) {
  std::vector<float> head, trained;
  std::vector<int> labels;
  for (int i = 0; i < 40; ++i) {
    labels.push_back(i % 2);
    const float much = i % 5 == 0 ? -0.2F : 1.0F;  // now and then worse
    for (int c = 0; c < 2; ++c) {
      head.push_back(0);
      trained.push_back(c == i % 2 ? much : 0);
    }
  }
  const eval::Truth truth{.rows = 40, .labels = labels};
  EXPECT_TRUE(compare(trained, head, truth).pays());
  EXPECT_FALSE(compare(head, trained, truth).pays()) << "the other way round it does harm";
  EXPECT_FALSE(compare(head, head, truth).pays());
  EXPECT_FALSE(compare(std::span(trained).first(2), std::span(head).first(2), {.rows = 1, .labels = labels}).pays()) << "one photo tells nothing";
}

TEST(Trial, OfSeveralClassesTakesTheMeanOverThem) {
  const float sure = std::log(3.0F);  // probability 3/4
  const std::vector<float> head{0, -1, 0, -1}, trained{sure, -sure, sure, sure}, targets{1, 0, 1, 0};
  const Trial t = compare(trained, head, {.task = data::MultiLabel{}, .rows = 2, .targets = targets});
  const double before = (std::log(2.0) + std::log1p(std::exp(-1.0))) / 2;
  EXPECT_NEAR(t.gain, before - (3 * std::log(4.0 / 3) + std::log(4.0)) / 4, 1e-6);
  EXPECT_EQ(t.accuracy, 0.5) << "of the second photo one answer is wrong";
  EXPECT_EQ(t.head_accuracy, 1);
}

TEST(Trial, PaysUnlessRightAnswersOrTheLogLossSpeakAgainstIt) {
  const Trial more{.judged_on = 200, .accuracy = 0.904, .head_accuracy = 0.90, .gain = 0, .gain_error = 0.02};
  EXPECT_TRUE(more.pays());
  Trial worse = more, fewer = more, as_many = more, stopped = more;
  worse.gain = -0.0514;  // 2 x 1.2816 standard errors are 0.05126
  EXPECT_FALSE(worse.pays());
  worse.gain = -0.0512;
  EXPECT_TRUE(worse.pays());
  fewer.accuracy = 0.889;
  fewer.gain = 1;
  EXPECT_FALSE(fewer.pays()) << "more than its handicap";
  fewer.accuracy = 0.891;
  EXPECT_TRUE(fewer.pays());
  as_many.accuracy = as_many.head_accuracy;
  EXPECT_TRUE(as_many.pays());
  as_many.gain = -0.0257;  // 1.2816 standard errors are 0.02563
  EXPECT_FALSE(as_many.pays());
  stopped.stopped = "stopped after 5 of 7 epochs";
  EXPECT_FALSE(stopped.pays());
}

TEST(Trial, ALaterOneIsTakenOnlyWhereItIsBetterBeyondDoubt) {
  const auto trial = [](double accuracy, std::vector<double> losses) {
    return Trial{.judged_on = 4, .accuracy = accuracy, .head_accuracy = 0.5, .gain = 1, .gain_error = 0.1, .losses = std::move(losses)};
  };
  const Trial first = trial(0.75, {0.5F, 0.4F, 0.6F, 0.7F}), lower = trial(0.75, {0.3F, 0.3F, 0.4F, 0.5F}),
              by_one_photo = trial(0.75, {0.5F, 0.4F, 0.6F, 0.1F});
  EXPECT_TRUE(better(lower, first));
  EXPECT_FALSE(better(first, lower));
  EXPECT_FALSE(better(by_one_photo, first)) << "its mean is lower, by luck with one photo";
  EXPECT_FALSE(better(trial(0.5, {0.3F, 0.3F, 0.4F, 0.5F}), first)) << "fewer right";
  EXPECT_FALSE(better(lower, trial(0.75, {}))) << "nothing to compare with";

  Trial lost = lower;
  lost.stopped = "stopped after 5 of 7 epochs";
  const std::vector<Trial> race{lost, first, by_one_photo, lower};
  EXPECT_EQ(best_of(race) - race.begin(), 3);
  const std::vector<Trial> none{lost};
  EXPECT_EQ(best_of(none), none.end());
}

TEST(Trial, TemperatureIsThatOfTheLowestLogLossAndMovesNoAnswer) {
  // Sure to 1 : e^8 and right three times out of four: the best temperature makes that 3/4, a difference of log 3.
  std::vector<float> logits;
  std::vector<int> labels;
  for (int i = 0; i < 40; ++i) {
    logits.insert(logits.end(), {8, 0});
    labels.push_back(i % 4 == 0 ? 1 : 0);
  }
  const std::vector<float> scaled = at_best_temperature(logits, labels);
  EXPECT_NEAR(scaled[0] - scaled[1], std::log(3.0), 0.02);
  EXPECT_LT(std::abs(compare(scaled, logits, {.rows = 40, .labels = labels}).accuracy - 0.75), 1e-9);
}

TEST(Trial, IsToldInOneSentence) {
  const Trial t{.contender = {transfer::Kind::full},
                .trained_on = 183,
                .judged_on = 61,
                .accuracy = 0.934,
                .head_accuracy = 0.951,
                .gain = -0.0123,
                .gain_error = 0.02};
  EXPECT_EQ(to_string(t), "full fine-tuning has 0.934 of 61 held-out photos right, the head alone 0.951; log loss higher by 0.012 +- 0.020");
  EXPECT_EQ(to_json(t)["log_loss_gain"], -0.0123);
  EXPECT_EQ(to_json(t)["strategy"], "full");
  EXPECT_FALSE(to_json(t).contains("unfreeze"));
  Trial longer = t;
  longer.contender.epochs = 30;
  EXPECT_TRUE(to_string(longer).starts_with("full fine-tuning (--epochs 30) has 0.934 "));
  EXPECT_EQ(to_json(longer)["epochs"], 30);
  Trial stopped = t;
  stopped.stopped = "stopped after 5 of 7 epochs, far behind the head alone: 0.500 right";
  EXPECT_EQ(to_string(stopped), "full fine-tuning stopped after 5 of 7 epochs, far behind the head alone: 0.500 right");
  EXPECT_FALSE(to_json(stopped).contains("accuracy"));
}

}  // namespace
}  // namespace graft::fit
