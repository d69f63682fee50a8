// SHOT: information maximisation, labels that the network gives itself, and the classifier that stays.
#include <gtest/gtest.h>

#include <cmath>

#include "graft/train/checks.h"
#include "graft/train/loop/pseudo_labels.h"
#include "graft/train/lr_finder.h"
#include "graft/train/terms/term.h"
#include "train/adapting.h"

namespace graft::train {
namespace {

using namespace small;

at::Tensor noise(int64_t rows, int64_t columns, double frequency, double mean = 0) {
  return at::sin(at::arange(rows * columns, at::kDouble) * frequency + frequency).view({rows, columns}) * 2 + mean;
}

TrainConfig shot() {
  TrainConfig config = config_of();
  config.adapt = Adaptation::shot;
  return config;
}

/// The mean entropy of the rows less `diversity` times that of their mean.
double information(const at::Tensor& logits, double diversity) {
  const auto rows = logits.size(0), classes = logits.size(1);
  std::vector<double> mean(static_cast<std::size_t>(classes));
  double value = 0;
  for (int64_t n = 0; n < rows; ++n) {
    double sum = 0;
    for (int64_t k = 0; k < classes; ++k) sum += std::exp(logits[n][k].item<double>());
    for (int64_t k = 0; k < classes; ++k) {
      const double p = std::exp(logits[n][k].item<double>()) / sum;
      mean[static_cast<std::size_t>(k)] += p / static_cast<double>(rows);
      value -= p * std::log(p) / static_cast<double>(rows);
    }
  }
  for (const double p : mean) value += diversity * p * std::log(p);
  return value;
}

TEST(Information, IsClearAnswersOfEveryClass) {
  const graph::Graph graph = network();
  const transfer::Plan plan = plan_of(transfer::Kind::full);
  TrainConfig config = shot();
  config.trade_off = 2;
  const Streams streams{pictures(8, 1)};
  for (const double diversity : {1.0, 0.0, 0.4}) {
    config.diversity = diversity;
    const Term term = terms_of({graph, plan, config, streams, {}}).back();
    EXPECT_EQ(term.name, "information");
    const at::Tensor logits = noise(5, 3, 1.7);
    const TermLoss loss = term({{graph::kLogits, logits}}, {.targets = at::zeros({5, 3})}, 5);
    EXPECT_NEAR(loss.sum / 5 / (2 * information(logits, diversity)), 1, 1e-5);
    const at::Tensor gradient = loss.gradients.at(graph::kLogits);
    constexpr double kStep = 1e-5;
    for (int64_t i = 0; i < logits.numel(); ++i) {
      double& value = logits.mutable_data_ptr<double>()[i];
      const double here = value;
      value = here + kStep;
      const double above = information(logits, diversity);
      value = here - kStep;
      const double slope = 2 * (above - information(logits, diversity)) / (2 * kStep);
      value = here;
      EXPECT_NEAR(slope, gradient.const_data_ptr<double>()[i], 1e-5 * gradient.abs().max().item<double>());
    }
    const at::Tensor clear = at::eye(3, at::kDouble) * 1e4;
    EXPECT_NEAR(term({{graph::kLogits, clear}}, {.targets = at::zeros({3, 3})}, 3).sum / 3, -2 * diversity * std::log(3), 1e-9)
        << "the least there is";
  }
}

/// As the article's text says it.
std::vector<int> by_hand(const at::Tensor& features, const at::Tensor& logits) {
  const auto rows = features.size(0), width = features.size(1), classes = logits.size(1);
  std::vector<std::vector<double>> unit;
  std::vector<bool> there(static_cast<std::size_t>(classes));
  for (int64_t n = 0; n < rows; ++n) {
    std::vector<double> row{1};
    double length = 1;
    for (int64_t f = 0; f < width; ++f) row.push_back(features[n][f].item<double>()), length += row.back() * row.back();
    for (double& x : row) x /= std::sqrt(length);
    unit.push_back(row);
    there[static_cast<std::size_t>(logits[n].argmax().item<int64_t>())] = true;
  }
  const at::Tensor p = at::softmax(logits, 1);
  std::vector<int> labels(unit.size(), -1);
  for (int round = 0; round < 2; ++round) {
    std::vector<std::vector<double>> centres(static_cast<std::size_t>(classes), std::vector<double>(static_cast<std::size_t>(width) + 1));
    for (std::size_t n = 0; n < unit.size(); ++n)
      for (std::size_t k = 0; k < centres.size(); ++k)
        for (std::size_t f = 0; f < unit[n].size(); ++f) {
          const double share = round == 0                         ? p[static_cast<int64_t>(n)][static_cast<int64_t>(k)].item<double>()
                               : labels[n] == static_cast<int>(k) ? 1
                                                                  : 0;
          centres[k][f] += share * unit[n][f];
        }
    std::vector<int> next;
    for (const auto& row : unit) {
      double best = -2;
      int label = -1;
      for (std::size_t k = 0; k < centres.size(); ++k) {
        double product = 0, length = 0;
        for (std::size_t f = 0; f < row.size(); ++f) product += row[f] * centres[k][f], length += centres[k][f] * centres[k][f];
        if (there[k] && length > 0 && product / std::sqrt(length) > best) best = product / std::sqrt(length), label = static_cast<int>(k);
      }
      next.push_back(label);
    }
    labels = next;
  }
  return labels;
}

TEST(PseudoLabels, AreTheNearestCentres) {
  const at::Tensor features = noise(40, 6, 0.37), logits = noise(40, 4, 0.91);
  const std::vector<int> labels = pseudo_labels(features, logits);
  EXPECT_EQ(labels, by_hand(features, logits));
  const at::Tensor most = logits.argmax(1);
  EXPECT_NE(labels, std::vector<int>(most.const_data_ptr<int64_t>(), most.const_data_ptr<int64_t>() + 40)) << "not what the network says itself";
}

TEST(PseudoLabels, AreOfClassesThatTheNetworkNames) {
  at::Tensor logits = noise(20, 4, 0.91);
  logits.select(1, 2).sub_(100);
  for (const int label : pseudo_labels(noise(20, 6, 0.37), logits)) EXPECT_NE(label, 2);
}

transfer::Plan plan() { return transfer::with_frozen_head(transfer::plan(narrowed(), {.kind = transfer::Kind::partial, .weight_decay = 1e-3})); }

Streams of_target(int label) {
  Samples samples;
  samples.labels.assign(24, label);
  samples.fill = [fill = target(24).fill](uint64_t epoch, std::span<const std::size_t> which, std::span<float> out) { fill(epoch, which, out); };
  return {samples};
}

TEST(Shot, ReadsNoLabelsAndLeavesTheClassifier) {
  const TrainResult one = train::train(narrowed(), plan(), shot(), of_target(0)), other = train::train(narrowed(), plan(), shot(), of_target(2));
  EXPECT_EQ(different(one.graph, other.graph), std::vector<std::string>{});
  EXPECT_EQ(one.history, other.history);
  const std::vector<std::string> moved = different(one.graph, narrowed());
  EXPECT_TRUE(std::ranges::none_of(moved, [](const std::string& name) { return name.starts_with("head"); }));
  EXPECT_TRUE(std::ranges::any_of(moved, [](const std::string& name) { return name == "bottleneck.0.weight"; }));
  EXPECT_LT(one.history.back().terms.at("information"), one.history.front().terms.at("information"));
}

TEST(Shot, WeighsItsLabels) {
  TrainConfig config = shot();
  config.epochs = 1;
  const double less = train::train(narrowed(), plan(), config, of_target(0)).history[0].terms.at("cross-entropy");
  config.pseudo_label_weight = 0;
  EXPECT_EQ(train::train(narrowed(), plan(), config, of_target(0)).history[0].terms.at("cross-entropy"), 0);
  EXPECT_GT(less, 0);
}

TEST(Shot, SaysWhatCannotBe) {
  const auto said = [](TrainConfig config, const transfer::Plan& by, Streams streams) {
    return message_of([&] { check(narrowed(), by, config, streams); });
  };
  EXPECT_EQ(said(shot(), transfer::plan(narrowed(), {}), of_target(0)),
            "shot: keeps the classifier as it is, and the plan trains it; let stages below it train");
  Streams with = of_target(0);
  with.unlabelled.push_back(target(8));
  EXPECT_EQ(said(shot(), plan(), with),
            "shot: the training has 1 streams of unlabelled photos, expected 0; the target's photos take the place of labelled ones");
  TrainConfig config = shot();
  config.imbalance = Imbalance::sampling;
  EXPECT_EQ(said(config, plan(), of_target(0)), "--imbalance: goes by the labels of photos, and SHOT has none; choose --imbalance none");
  EXPECT_EQ(message_of([] { find_lr(narrowed(), plan(), shot(), of_target(0)); }),
            "shot: gives its photos labels as it trains, and no rate is found without any; choose --lr");
  EXPECT_EQ(message_of([] { transfer::with_frozen_head(transfer::plan(network(), {.kind = transfer::Kind::head})); }),
            "strategy head: begins with the head alone, and that is to stay as it is; choose partial or full");
}

}  // namespace
}  // namespace graft::train
