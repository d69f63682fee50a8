// FixMatch: its loss and gradient, the thresholds of the classes, streams that show the same photos, and going on byte for byte.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "graft/train/loop/draw.h"
#include "graft/train/terms/learning_status.h"
#include "graft/train/terms/term.h"
#include "train/in_pieces.h"
#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;

constexpr int kEpochs = 4, kSteps = 3;

Streams streams_of() { return {pictures(24, 1), pictures(9, 99), {{40, pictures(40, 300).fill}, {40, pictures(40, 800).fill}}}; }

TrainConfig matching() {
  TrainConfig config = config_of();
  config.epochs = kEpochs;
  config.fixmatch = true;
  config.sure = 0.5;
  return config;
}

Term term_of(const TrainConfig& config) {
  static const graph::Graph graph = network();
  static const transfer::Plan plan = plan_of(transfer::Kind::full);
  static const Streams streams = streams_of();
  std::vector<Term> terms = terms_of({graph, plan, config, streams, {}});
  EXPECT_EQ(terms.size(), 2U) << "beside cross-entropy";
  return terms.back();
}

const std::string kWeak = of_stream(graph::kLogits, 0), kStrong = of_stream(graph::kLogits, 1);

TEST(FixMatch, IsTheCrossEntropyAgainstSureAnswers) {
  const at::Tensor weak = at::tensor({4.0, 0.0, 0.0, /**/ 0.4, 0.3, 0.2, /**/ -1.0, 0.0, 5.0, /**/ 0.0, 2.0, 0.0}, at::kDouble).view({4, 3});
  at::Tensor strong = (at::sin(at::arange(12, at::kDouble) * 1.7) * 2).view({4, 3});
  TrainConfig config = matching();
  config.sure = 0.9;
  config.unlabeled_weight = 1.5;
  const Term term = term_of(config);
  // Rows 0 and 2 are sure (0.965 and 0.991) and row 3 is not (0.787); all four divide the sum.
  const auto log_p = [&](int64_t row, int64_t k) { return at::log_softmax(strong[row], 0)[k].item<double>(); };
  const Batch batch{.targets = at::zeros({2, 3})};
  const TermLoss loss = term({{kWeak, weak}, {kStrong, strong}}, batch, 2);
  const double want = -1.5 * (log_p(0, 0) + log_p(2, 2)) / 4;
  EXPECT_NEAR(loss.sum / 2, want, 1e-5 * want);
  ASSERT_EQ(loss.gradients.size(), 1U) << "through the strongly changed photos alone";
  const at::Tensor gradient = loss.gradients.at(kStrong);
  constexpr double kStep = 1e-6;
  for (int64_t i = 0; i < 12; ++i) {
    double& value = strong.mutable_data_ptr<double>()[i];
    const double here = value;
    const auto at = [&](double there) {
      value = there;
      return term({{kWeak, weak}, {kStrong, strong}}, batch, 2).sum / 2;
    };
    const double slope = (at(here + kStep) - at(here - kStep)) / (2 * kStep);
    value = here;
    EXPECT_NEAR(gradient.view({12})[i].item<double>(), slope, 1e-7);
  }
}

TEST(LearningStatus, LowersTheThresholdOfClassesThatLag) {
  LearningStatus status(3, 0.8, true);
  const auto thresholds = [&] {
    const at::Tensor t = status.thresholds();
    return std::vector<double>(t.const_data_ptr<double>(), t.const_data_ptr<double>() + 3);
  };
  EXPECT_EQ(thresholds(), (std::vector<double>{0.8, 0.8, 0.8})) << "nothing is known in the first epoch";
  std::vector<int64_t> answers(10, 0);
  std::vector<double> probabilities(10, 0.85);
  answers.insert(answers.end(), {1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1});
  probabilities.insert(probabilities.end(), {0.8, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.7, 0.79});
  status.add(at::tensor(answers, at::kLong), at::tensor(probabilities, at::kDouble), 14);
  EXPECT_NEAR(status.taken(), 14.0 / 21, 1e-12);
  EXPECT_EQ(thresholds(), (std::vector<double>{0.8, 0.8, 0.8})) << "until the epoch ends";
  LearningStatus other(3, 0.8, true);
  other.restore(status.values());
  EXPECT_EQ(other.values(), status.values());
  status.next_epoch();
  // 10, 9 and 0 sure answers: b = 1, 0.9, 0; the last is halfway from 1/3 to 0.8.
  EXPECT_EQ(thresholds(), (std::vector<double>{0.8, 0.8 * 0.9 / (2 - 0.9), (0.8 + 1.0 / 3) / 2}));
  EXPECT_EQ(status.taken(), 0);
  LearningStatus fixed(3, 0.8, false);
  fixed.add(at::tensor({0}, at::kLong), at::tensor({0.9}, at::kDouble), 1);
  fixed.next_epoch();
  EXPECT_TRUE(fixed.thresholds().eq(0.8).all().item<bool>());
}

TEST(FixMatch, ShowsTheSamePhotosInBothWays) {
  std::vector<std::vector<std::size_t>> seen(2);
  Streams streams{pictures(24, 1)};
  for (std::size_t s = 0; s < 2; ++s)
    streams.unlabelled.push_back({40, [&seen, s](uint64_t pass, std::span<const std::size_t> which, std::span<float> out) {
                                    seen[s].assign(which.begin(), which.end());
                                    seen[s].push_back(pass);
                                    std::ranges::fill(out, 0.0F);
                                  }});
  const TrainConfig config = matching();
  std::set<std::size_t> all;
  for (uint64_t step = 0; step < 3; ++step) {
    draw(network(), streams, config, 0, std::vector<std::size_t>{0, 1}, step);
    EXPECT_EQ(seen[0], seen[1]);
    all.insert(seen[0].begin(), seen[0].end() - 1);
  }
  EXPECT_EQ(all.size(), 40U) << "a pass shows every photo";
}

TEST(FixMatch, GoesOnByteForByte) {
  for (const bool adam : {false, true}) {
    TrainConfig config = matching();
    if (adam) config.optimiser = OptimiserKind::adamw, config.lr = 0.005, config.ema = 0.9;
    const transfer::Plan plan = plan_of(transfer::Kind::full);
    const TrainResult whole = train::train(network(), plan, config, streams_of());
    ASSERT_EQ(whole.history.size(), static_cast<std::size_t>(kEpochs));
    EXPECT_TRUE(whole.history.back().scores.contains(kTaken));
    EXPECT_TRUE(whole.history.back().terms.contains("fixmatch"));
    const TrainResult pieces = in_pieces(random_stops(Rng(adam ? 5 : 4), 10, kEpochs * kSteps),
                                         [&](const Hooks& hooks) { return train::train(network(), plan, config, streams_of(), hooks); });
    EXPECT_EQ(whole.history, pieces.history);
    EXPECT_EQ(different(whole.graph, pieces.graph), std::vector<std::string>{}) << (adam ? "adamw" : "sgd");
  }
}

TEST(FixMatch, RefusesTooFewPhotos) {
  TrainConfig config = matching();
  config.unlabeled_ratio = 6;
  EXPECT_EQ(message_of([&] { train::train(network(), plan_of(transfer::Kind::full), config, streams_of()); }),
            "--unlabeled-ratio 6: a step of 8 labeled photos then sees 48 without labels, but there are 40; choose a lower --batch or "
            "--unlabeled-ratio, or give more photos");
  Streams one = streams_of();
  one.unlabelled.pop_back();
  EXPECT_EQ(message_of([&] { train::train(network(), plan_of(transfer::Kind::full), matching(), one); }),
            "fixmatch: expected two streams of the same unlabeled samples; give each photo slightly and strongly changed");
}

}  // namespace
}  // namespace graft::train
