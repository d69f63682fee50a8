// Adaptation against a discriminator: its loss and both sides' gradients, against formulas written plainly and slopes in float64.
#include "graft/train/terms/adversary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "graft/train/loop/update.h"
#include "train/adapting.h"

namespace graft::train {
namespace {

using namespace small;

constexpr int64_t kFeatureCount = 5, kClasses = 3;

at::Tensor noise(int64_t rows, int64_t columns, double frequency, double mean = 0) {
  return at::sin(at::arange(rows * columns, at::kDouble) * frequency + frequency).view({rows, columns}) * 2 + mean;
}

/// One linear layer on `kFeatureCount` numbers.
graph::Graph layer() {
  graph::Graph graph{.name = "layer"};
  graph::Builder b(graph);
  b.stage("head");
  b.linear("head", b.input({kFeatureCount}), {.out = kClasses});
  return graph;
}

/// What both networks give: source's rows before the target's.
struct Rows {
  at::Tensor features, logits;
  int64_t source;

  Outputs outputs() const {
    const int64_t target = features.size(0) - source;
    return {{graph::kFeatures, features.narrow(0, 0, source)},
            {graph::kLogits, logits.narrow(0, 0, source)},
            {of_stream(graph::kFeatures), features.narrow(0, source, target)},
            {of_stream(graph::kLogits), logits.narrow(0, source, target)}};
  }
};

/// A game and the formulas of it.
class Played {
 public:
  explicit Played(Adaptation method, double trade_off = 2) : graph_(layer()) {
    config_.adapt = method;
    config_.trade_off = trade_off;
    const int64_t seen = method == Adaptation::cdan ? kFeatureCount * kClasses : kFeatureCount;
    rival_ = std::make_shared<Executor>(discriminator(seen, 1), at::kDouble, plain());
    term_ = adversary({graph_, plan_, config_, streams_, algorithms_}, rival_);
  }

  Executor& rival() { return *rival_; }
  TermLoss operator()(double progress) const {
    return term_(rows.outputs(), {.targets = at::zeros({rows.source, kClasses}), .progress = progress}, static_cast<std::size_t>(rows.source));
  }

  /// The mean over the domains of what a domain's rows lose, each row's share of it by `counts`: `truth` of the source's rows and of the target's.
  double loss(double of_source, double of_target) const {
    const at::Tensor said = rival_->forward(config_.adapt == Adaptation::cdan ? mapped() : rows.features, {}).at(graph::kLogits);
    double sum = 0;
    for (int64_t n = 0; n < said.size(0); ++n) {
      const double d = 1 / (1 + std::exp(-said[n][0].item<double>())), y = n < rows.source ? of_source : of_target;
      sum -= 0.5 * counts_[static_cast<std::size_t>(n)] * (y * std::log(d) + (1 - y) * std::log(1 - d));
    }
    return sum;
  }

  /// Fixes what the formula takes as given: probabilities and what each row counts.
  void take_as_given() {
    probabilities_ = at::softmax(rows.logits, 1);
    counts_.clear();
    std::vector<double> clear;
    for (int64_t n = 0; n < probabilities_.size(0); ++n) {
      double entropy = 0;
      for (int64_t k = 0; k < kClasses; ++k) entropy -= probabilities_[n][k].item<double>() * std::log(probabilities_[n][k].item<double>());
      clear.push_back(config_.adapt == Adaptation::cdan ? 1 + std::exp(-entropy) : 1);
    }
    const auto at = [&](int64_t n) { return clear[static_cast<std::size_t>(n)]; };
    for (int64_t n = 0; n < probabilities_.size(0); ++n) {
      double sum = 0;
      for (int64_t m = 0; m < probabilities_.size(0); ++m) sum += (n < rows.source) == (m < rows.source) ? at(m) : 0;
      counts_.push_back(at(n) / sum);
    }
  }

  Rows rows{noise(7, kFeatureCount, 0.7), noise(7, kClasses, 1.9), 4};

 private:
  at::Tensor mapped() const {
    const at::Tensor map = at::zeros({rows.features.size(0), kFeatureCount * kClasses}, at::kDouble);
    for (int64_t n = 0; n < map.size(0); ++n)
      for (int64_t k = 0; k < kClasses; ++k)
        for (int64_t f = 0; f < kFeatureCount; ++f) map[n][k * kFeatureCount + f] = probabilities_[n][k] * rows.features[n][f];
    return map;
  }

  graph::Graph graph_;
  transfer::Plan plan_;
  TrainConfig config_;
  Streams streams_;
  ConvAlgorithms algorithms_;
  std::shared_ptr<Executor> rival_;
  Term term_;
  at::Tensor probabilities_;
  std::vector<double> counts_;
};

at::Tensor slopes_of(const at::Tensor& at, const std::function<double()>& value) {
  constexpr double kStep = 1e-6;
  const at::Tensor slopes = at::zeros_like(at);
  for (int64_t i = 0; i < at.numel(); ++i) {
    double& x = at.mutable_data_ptr<double>()[i];
    const double here = x;
    x = here + kStep;
    const double above = value();
    x = here - kStep;
    slopes.mutable_data_ptr<double>()[i] = (above - value()) / (2 * kStep);
    x = here;
  }
  return slopes;
}

void expect_near(const at::Tensor& got, const at::Tensor& want, const char* what) {
  EXPECT_GT(want.abs().max().item<double>(), 1e-6) << what;
  EXPECT_LT((got - want).abs().max().item<double>(), 1e-5 * want.abs().max().item<double>()) << what;
}

TEST(Reversal, GrowsFromNothingToOne) {
  EXPECT_EQ(reversal(0), 0);
  EXPECT_NEAR(reversal(0.1), 2 / (1 + std::exp(-1)) - 1, 1e-12);
  EXPECT_NEAR(reversal(1), 0.9999, 1e-4);
}

class Adversary : public testing::TestWithParam<Adaptation> {};

TEST_P(Adversary, HasTheFormulasGradientsOnBothSides) {
  Played game(GetParam());
  game.take_as_given();
  constexpr double kProgress = 0.13;
  const TermLoss loss = game(kProgress);
  const Weights gradients = game.rival().gradients;
  EXPECT_NEAR(loss.sum / 4 / (2 * game.loss(1, 0)), 1, 1e-5) << "times the trade-off";

  const at::Tensor by = at::cat({loss.gradients.at(graph::kFeatures), loss.gradients.at(of_stream(graph::kFeatures))});
  if (GetParam() == Adaptation::confusion)
    expect_near(by, 2 * slopes_of(game.rows.features, [&] { return game.loss(0.5, 0.5); }), "towards not knowing");
  else expect_near(by, -reversal(kProgress) * 2 * slopes_of(game.rows.features, [&] { return game.loss(1, 0); }), "reversed");
  EXPECT_FALSE(loss.gradients.contains(graph::kLogits));

  for (std::size_t p = 0; p < gradients.size(); ++p) {
    const std::string& name = game.rival().graph().parameters[p].name;
    if (name != "discriminator.0.bias" && name != "discriminator.4.weight" && name != "discriminator.6.weight") continue;
    at::Tensor& value = game.rival().values[p];
    const at::Tensor way = at::cos(at::arange(value.numel(), at::kDouble)).view(value.sizes()), here = value.clone();
    constexpr double kStep = 1e-6;
    value.copy_(here + way * kStep);
    const double above = game.loss(1, 0);
    value.copy_(here - way * kStep);
    const double slope = 2 * (above - game.loss(1, 0)) / (2 * kStep);
    value.copy_(here);
    EXPECT_NEAR(slope, (gradients[p] * way).sum().item<double>(), 1e-5 * std::max((gradients[p].norm() * way.norm()).item<double>(), 1e-3)) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, Adversary, testing::Values(Adaptation::dann, Adaptation::cdan, Adaptation::confusion),
                         [](const auto& method) { return std::string(to_string(method.param)); });

TEST(MultilinearMap, BeyondItsLargestIsRandomAndHasTheSameProductsInTheMean) {
  const MultilinearMap whole(5, 3, 1), part(2000, 3, 1);
  EXPECT_EQ(whole.width(), 15);
  EXPECT_EQ(part.width(), kRandomMap);
  const at::Tensor f = noise(4, 2000, 0.7), p = at::softmax(noise(4, 3, 1.9), 1), map = part(f, p);
  const at::Tensor got = map.mm(map.t()), want = f.mm(f.t()) * p.mm(p.t());
  EXPECT_LT(((got - want).abs().max() / want.abs().max()).item<double>(), 0.3) << "kernels are about the same";
  const at::Tensor to = noise(4, kRandomMap, 0.3);
  const at::Tensor way = noise(4, 2000, 1.1);
  EXPECT_NEAR(((part(f + way, p) - map) * to).sum().item<double>(), (part.back(to, p) * way).sum().item<double>(), 1e-6) << "linear in the features";
}

/// Where the features stay nobody plays against the discriminator, and its loss falls.
TEST(Adversary, LearnsToTellTheDomains) {
  TrainConfig config = config_of();
  config.adapt = Adaptation::dann;
  const auto history = train::train(network(), plan_of(transfer::Kind::head), config, {pictures(24, 1), {}, {target(20)}}).history;
  EXPECT_LT(history.back().terms.at("adversary"), history.front().terms.at("adversary"));
  EXPECT_LT(history.back().terms.at("adversary"), 0.69) << "better than by chance";
}

TEST(Update, OfARivalWithoutItsStateIsAnError) {
  const graph::Graph graph = narrowed();
  const transfer::Plan plan = transfer::plan(graph, {.kind = transfer::Kind::head});
  TrainConfig config = config_of();
  Executor executor(graph, at::kFloat), rival(discriminator(6, 1), at::kFloat);
  Update update(executor, graph, plan, config);
  const auto state = update.state();
  update.take_in({{.name = "adversary", .rival = std::shared_ptr<Executor>(&rival, [](Executor*) {})}});
  EXPECT_EQ(message_of([&] { update.restore(state, "checkpoint"); }),
            "checkpoint: lacks momentum.discriminator.0.weight as this training needs it; it belongs to another training, or was changed");
}

}  // namespace
}  // namespace graft::train
