#include "graft/trust/temperature.h"

#include <gtest/gtest.h>

#include <cmath>

#include "trust/made_photos.h"

namespace graft::trust {
namespace {

HeldOut of(const Made& made) { return {.truth = made.truth(), .logits = made.logits, .classes = made.classes}; }

TEST(Temper, FindsTheFactorByWhichAnswersAreTooSure) {
  for (const double sureness : {0.5, 2.0, 4.0}) {
    const Made made = made_photos(4000, 4, 4, sureness, 7);
    const Tempering found = temper(of(made));
    EXPECT_NEAR(found.temperature, sureness, 0.1 * sureness);
    EXPECT_LT(found.after.log_loss, found.before.log_loss);
    EXPECT_LT(found.after.ece, 0.03);
    EXPECT_GT(found.before.ece, 0.05) << sureness;
  }
}

TEST(Temper, LeavesAnswersThatAreRightAlone) {
  int applied = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) applied += temper(of(made_photos(300, 3, 4, 1, seed))).temperature != 1 ? 1 : 0;
  EXPECT_LE(applied, 3) << "a test at 1 % errs in 0.4 of 40";
}

TEST(Temper, TheSlopeOfTheLossIsZeroAtTheBestTemperature) {
  const Made made = made_photos(500, 3, 4, 3, 2);
  const double best = temper(of(made)).best;
  const auto loss = [&](double t) {  // with one more row whose label is each class alike, spread over all
    double sum = 0;
    const double chance = 1.0 / 501;
    for (std::size_t i = 0; i < 500; ++i) {
      double total = 0, mean = 0;
      for (std::size_t k = 0; k < 3; ++k) total += std::exp(static_cast<double>(made.logits[i * 3 + k]) / t);
      for (std::size_t k = 0; k < 3; ++k) mean += (std::log(total) - static_cast<double>(made.logits[i * 3 + k]) / t) / 3;
      sum +=
          (1 - chance) * (std::log(total) - static_cast<double>(made.logits[i * 3 + static_cast<std::size_t>(made.labels[i])]) / t) + chance * mean;
    }
    return sum;
  };
  EXPECT_LT(loss(best), loss(best * 1.001));
  EXPECT_LT(loss(best), loss(best / 1.001));
}

TEST(Temper, AnswersThatAreAllRightDoNotBecomeCertain) {
  const std::vector<float> logits{1, -1, 1, -1, 1, -1, -1, 1, -1, 1, -1, 1};
  const std::vector<int> labels{0, 0, 0, 1, 1, 1};
  const Tempering found = temper({.truth = {data::SingleLabel{}, 6, labels}, .logits = logits, .classes = 2});
  EXPECT_LT(found.best, 1);
  EXPECT_NEAR(2 / found.best, std::log(13.0), 1e-4) << "of 7 rows half a one is wrong";
}

TEST(Temper, PhotosOfAGroupAreOneWitness) {
  Made few = made_photos(6, 2, 4, 3, 3), many{{}, {}, 2};
  std::vector<std::string> groups;
  for (std::size_t i = 0; i < 6; ++i)
    for (int copy = 0; copy < 200; ++copy) {
      many.labels.push_back(few.labels[i]);
      many.logits.insert(many.logits.end(), {few.logits[2 * i], few.logits[2 * i + 1]});
      groups.push_back("patient " + std::to_string(i));
    }
  HeldOut rows = of(many);
  EXPECT_NE(temper(rows).temperature, 1) << "1,200 photos that are each for itself are no doubt";
  rows.groups = groups;
  EXPECT_EQ(temper(rows).temperature, 1) << "6 patients are";
}

TEST(Temper, RowsOfNoWeightHaveNoPart) {
  Made made = made_photos(400, 3, 4, 3, 5);
  const Tempering alone = temper(of(made));
  const Made other = made_photos(400, 3, 4, 0.2, 6);
  made.logits.insert(made.logits.end(), other.logits.begin(), other.logits.end());
  made.labels.insert(made.labels.end(), other.labels.begin(), other.labels.end());
  std::vector<double> weights(400, 1.0);
  weights.resize(800, 0.0);
  HeldOut both = of(made);
  both.weights = weights;
  EXPECT_EQ(temper(both).rows, 400U);
  EXPECT_NEAR(temper(both).best, alone.best, 1e-9);
}

TEST(Temper, OfSeveralClassesAPhotoTheLogisticFunctionIsCalibrated) {
  Rng rng(4, 1);
  std::vector<float> logits, targets;
  for (int i = 0; i < 6000; ++i) {
    const double z = 6 * rng.uniform() - 3;
    targets.push_back(rng.uniform() < 1 / (1 + std::exp(-z)) ? 1.0F : 0.0F);
    logits.push_back(static_cast<float>(2.5 * z));
  }
  const std::vector<int> none(2000);
  const Tempering found = temper({.truth = {data::MultiLabel{}, 2000, none, targets}, .logits = logits, .classes = 3});
  EXPECT_NEAR(found.temperature, 2.5, 0.25);
  EXPECT_LT(found.after.ece, 0.03);
}

TEST(Temper, NoPhotosAreNoTemperature) {
  const Tempering found = temper({.truth = {data::SingleLabel{}, 0}, .logits = {}, .classes = 2});
  EXPECT_EQ(found.temperature, 1);
  EXPECT_EQ(to_text(found, Basis::cross_validation), "probabilities are not calibrated: there are no photos that the model was not trained on");
}

TEST(Sureness, IsTheMeanDistanceOfConfidenceFromWhatHappens) {
  const auto logit = [](double p) { return static_cast<float>(std::log(p / (1 - p))); };
  const std::vector<float> logits{logit(0.8), 0, logit(0.8), 0, logit(0.8), 0, logit(0.55), 0};
  const std::vector<int> labels{0, 0, 1, 1};
  const Sureness found = sureness_of({.truth = {data::SingleLabel{}, 4, labels}, .logits = logits, .classes = 2});
  EXPECT_NEAR(found.ece, (std::abs(2.4 - 2) + 0.55) / 4, 1e-6);
  EXPECT_NEAR(found.log_loss, -(2 * std::log(0.8) + std::log(0.2) + std::log(0.45)) / 4, 1e-6);
}

}  // namespace
}  // namespace graft::trust
