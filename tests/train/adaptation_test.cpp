// Terms by photos of another domain: each against its formula written plainly, and its gradients against slopes.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "folder.h"
#include "graft/graph/walks.h"
#include "graft/train/checks.h"
#include "graft/train/loop/draw.h"
#include "graft/train/loop/step.h"
#include "graft/train/terms/term.h"
#include "train/adapting.h"
#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;

/// Rows of features or logits: what is the same every time.
at::Tensor noise(int64_t rows, int64_t columns, double frequency, double mean = 0) {
  return at::sin(at::arange(rows * columns, at::kDouble) * frequency + frequency).view({rows, columns}) * 2 + mean;
}

TrainConfig adapting(Adaptation method) {
  TrainConfig config = config_of();
  config.adapt = method;
  return config;
}

/// The one term of the method.
Term term_of(const TrainConfig& config) {
  static const graph::Graph graph = network();
  static const transfer::Plan plan = plan_of(transfer::Kind::full);
  static const Streams streams{pictures(8, 1), {}, {target(8)}};
  std::vector<Term> terms = terms_of({graph, plan, config, streams, {}});
  EXPECT_EQ(terms.size(), 2U) << "beside cross-entropy";
  return terms.back();
}

/// Of a batch whose share is its own size: the formula's value, and every gradient its slope, within 1e-5 of the largest.
void expect_slopes(const Term& term, Outputs outputs, double want) {
  const Batch batch{.targets = at::zeros({4, 3})};
  const TermLoss loss = term(outputs, batch, 4);
  EXPECT_NEAR(loss.sum / 4, want, 1e-5 * std::abs(want));
  EXPECT_FALSE(loss.gradients.empty());
  constexpr double kStep = 1e-5;
  for (const auto& [name, gradient] : loss.gradients) {
    at::Tensor slopes = at::zeros_like(gradient);
    for (int64_t i = 0; i < gradient.numel(); ++i) {
      double& value = outputs.at(name).mutable_data_ptr<double>()[i];
      const double here = value;
      const auto at = [&](double there) {
        value = there;
        return term(outputs, batch, 4).sum / 4;
      };
      slopes.mutable_data_ptr<double>()[i] = (at(here + kStep) - at(here - kStep)) / (2 * kStep);
      value = here;
    }
    EXPECT_LT((slopes - gradient).abs().max().item<double>(), 1e-5 * gradient.abs().max().item<double>()) << name;
    EXPECT_TRUE(at::allclose(term(outputs, batch, 8).gradients.at(name), gradient / 2)) << "of sum / share";
  }
}

const std::string kTheirLogits = of_stream(graph::kLogits), kTheirFeatures = of_stream(graph::kFeatures);

TEST(DeepCoral, IsTheSquaredDistanceOfCovariances) {
  const at::Tensor source = noise(4, 5, 0.7), target = noise(6, 5, 1.9, 0.5);
  double want = 0;
  const auto covariance = [](const at::Tensor& x, int64_t i, int64_t j) {
    double sum = 0;
    for (int64_t n = 0; n < x.size(0); ++n) sum += ((x[n][i] - x.select(1, i).mean()) * (x[n][j] - x.select(1, j).mean())).item<double>();
    return sum / static_cast<double>(x.size(0) - 1);
  };
  for (int64_t i = 0; i < 5; ++i)
    for (int64_t j = 0; j < 5; ++j) want += std::pow(covariance(source, i, j) - covariance(target, i, j), 2) / (4 * 25);
  TrainConfig config = adapting(Adaptation::deep_coral);
  config.trade_off = 3;
  expect_slopes(term_of(config), {{graph::kFeatures, source}, {kTheirFeatures, target}}, 3 * want);
}

/// The width of the kernels is taken as given: slopes are of the value with the batch's own width, so it is held by rows that stay.
TEST(MeanDiscrepancy, IsThatOfFiveKernels) {
  const at::Tensor source = noise(4, 3, 0.7), target = noise(5, 3, 1.9, 0.5), all = at::cat({source, target});
  const auto squares = [](const at::Tensor& x, const at::Tensor& y) { return (x - y).square().sum().item<double>(); };
  double width = 0;
  for (int64_t i = 0; i < 9; ++i)
    for (int64_t j = 0; j < 9; ++j) width += squares(all[i], all[j]) / 81;
  const auto value_at = [&](const at::Tensor& s, const at::Tensor& t) {
    const auto kernel = [&](const at::Tensor& x, const at::Tensor& y) {
      double sum = 0;
      for (int k = -3; k <= 1; ++k) sum += std::exp(-squares(x, y) / (2 * std::pow(2, k) * width));
      return sum;
    };
    double value = 0;
    for (int64_t i = 0; i < 4; ++i)
      for (int64_t j = 0; j < 4; ++j)
        if (i != j) value += kernel(s[i], s[j]) / (4 * 3);
    for (int64_t i = 0; i < 5; ++i)
      for (int64_t j = 0; j < 5; ++j)
        if (i != j) value += kernel(t[i], t[j]) / (5 * 4);
    for (int64_t i = 0; i < 4; ++i)
      for (int64_t j = 0; j < 5; ++j) value -= 2 * kernel(s[i], t[j]) / (4 * 5);
    return value;
  };
  const TermLoss loss = term_of(adapting(Adaptation::dan))({{graph::kFeatures, source}, {kTheirFeatures, target}}, {.targets = at::zeros({4, 3})}, 4);
  const double want = value_at(source, target);
  EXPECT_NEAR(loss.sum / 4 / want, 1, 1e-5);
  constexpr double kStep = 1e-5;
  for (const bool theirs : {false, true}) {
    const at::Tensor gradient = loss.gradients.at(theirs ? kTheirFeatures : graph::kFeatures);
    const at::Tensor slopes = at::zeros_like(gradient), &moved = theirs ? target : source;
    for (int64_t i = 0; i < moved.numel(); ++i) {
      double& value = moved.mutable_data_ptr<double>()[i];
      const double here = value;
      value = here + kStep;
      const double above = value_at(source, target);
      value = here - kStep;
      slopes.mutable_data_ptr<double>()[i] = (above - value_at(source, target)) / (2 * kStep);
      value = here;
    }
    EXPECT_LT((slopes - gradient).abs().max().item<double>(), 1e-5 * gradient.abs().max().item<double>());
  }
}

TEST(MeanDiscrepancy, OfAllTheSameIsNothing) {
  const at::Tensor same = at::ones({4, 3}, at::kDouble);
  const TermLoss loss = term_of(adapting(Adaptation::dan))({{graph::kFeatures, same}, {kTheirFeatures, same}}, {.targets = at::zeros({4, 3})}, 4);
  EXPECT_NEAR(loss.sum, 0, 1e-12);
  EXPECT_EQ(loss.gradients.at(graph::kFeatures).abs().max().item<double>(), 0);
}

/// The weights of rows are taken as given.
double class_confusion(const at::Tensor& logits, double temperature, const at::Tensor& weights) {
  const at::Tensor p = at::softmax(logits / temperature, 1);
  const int64_t classes = logits.size(1);
  const at::Tensor c = at::zeros({classes, classes}, at::kDouble);
  for (int64_t i = 0; i < classes; ++i)
    for (int64_t j = 0; j < classes; ++j)
      for (int64_t n = 0; n < logits.size(0); ++n) c[i][j] += weights[n] * p[n][i] * p[n][j];
  double off = 0;
  for (int64_t i = 0; i < classes; ++i)
    for (int64_t j = 0; j < classes; ++j)
      if (i != j) off += (c[i][j] / c[i].sum()).item<double>();
  return off / static_cast<double>(classes);
}

TEST(ClassConfusion, IsWhatClassesAreMixedUp) {
  const at::Tensor logits = noise(6, 3, 1.7) * 2;
  const at::Tensor p = at::softmax(logits / 2.5, 1);
  at::Tensor weights = 1 + (p * p.log()).sum(1).exp();
  weights = weights * 6 / weights.sum();
  const TermLoss loss = term_of(adapting(Adaptation::mcc))({{kTheirLogits, logits}}, {.targets = at::zeros({4, 3})}, 4);
  EXPECT_NEAR(loss.sum / 4 / class_confusion(logits, 2.5, weights), 1, 1e-5);
  const at::Tensor gradient = loss.gradients.at(kTheirLogits), slopes = at::zeros_like(gradient);
  constexpr double kStep = 1e-5;
  for (int64_t i = 0; i < logits.numel(); ++i) {
    double& value = logits.mutable_data_ptr<double>()[i];
    const double here = value;
    value = here + kStep;
    const double above = class_confusion(logits, 2.5, weights);
    value = here - kStep;
    slopes.mutable_data_ptr<double>()[i] = (above - class_confusion(logits, 2.5, weights)) / (2 * kStep);
    value = here;
  }
  EXPECT_LT((slopes - gradient).abs().max().item<double>(), 1e-5 * gradient.abs().max().item<double>());
}

TEST(ClassConfusion, OfClearAnswersIsNothingAndANumber) {
  const at::Tensor clear = at::eye(3, at::kDouble) * 1e4;
  for (const at::Tensor& logits : {clear, clear.narrow(0, 0, 1).expand({4, 3}).contiguous()}) {  // of the second two classes have no row
    const TermLoss loss = term_of(adapting(Adaptation::mcc))({{kTheirLogits, logits}}, {.targets = at::zeros({4, 3})}, 4);
    EXPECT_TRUE(std::isfinite(loss.sum));
    EXPECT_TRUE(loss.gradients.at(kTheirLogits).isfinite().all().item<bool>());
  }
}

/// Both domains go through the network as one batch: in float64 the gradient of every parameter is the slope of the sum of the terms, live batch norms included.
TEST(Step, OfBothDomainsHasTheGradientsOfItsLoss) {
  const graph::Graph graph = narrowed();
  const transfer::Plan plan = transfer::plan(graph, {.kind = transfer::Kind::full});
  TrainConfig config = adapting(Adaptation::deep_coral);  // whose formula takes nothing as given
  config.trade_off = 5;
  config.batch = 4;
  const Streams streams{pictures(8, 1), {}, {target(6)}};
  Executor executor(graph, at::kDouble, plain());
  executor.set_modes(modes_at(plan, 0));
  Step step(executor, graph, config, terms_of({graph, plan, config, streams, {}}));
  const Batch batch = draw(graph, streams, config, 0, std::vector<std::size_t>{0, 1, 2, 3}, 2);
  ASSERT_EQ(batch.unlabelled[0].size(0), 3);
  step(batch, 2, 4);
  const std::vector<at::Tensor> gradients = executor.gradients;
  for (std::size_t p = 0; p < gradients.size(); ++p) {
    if (graph.parameters[p].buffer) continue;
    const at::Tensor way = at::cos(at::arange(gradients[p].numel(), at::kDouble)).view(gradients[p].sizes()), here = executor.values[p].clone();
    constexpr double kStep = 1e-6;
    const auto at = [&](double by) {
      executor.values[p] = here + way * by;
      const StepLoss loss = step(batch, 2, 4);
      return (loss.terms[0] + loss.terms[1]) / 4;
    };
    const double slope = (at(kStep) - at(-kStep)) / (2 * kStep);
    executor.values[p] = here;
    EXPECT_NEAR(slope, (gradients[p] * way).sum().item<double>(), 1e-5 * std::max((gradients[p].norm() * way.norm()).item<double>(), 1e-2))
        << graph.parameters[p].name;
  }
}

TEST(Adaptation, IsToldBesideTheLabelsLoss) {
  for (const auto& [method, name] :
       std::map<Adaptation, std::string>{{Adaptation::deep_coral, "deep-coral"}, {Adaptation::dan, "mmd"}, {Adaptation::mcc, "mcc"}}) {
    const EpochRecord last = trained(adapting(method)).history.back();
    ASSERT_EQ(last.terms.size(), 2U);
    EXPECT_EQ(last.terms.at("cross-entropy"), last.train_loss);
    EXPECT_NE(last.terms.at(name), 0);
  }
}

/// Without weight the target changes the statistics of live batch norms alone.
TEST(Adaptation, WithoutWeightAndLiveBatchNormIsTheTrainingWithoutIt) {
  for (const Adaptation method : {Adaptation::deep_coral, Adaptation::dan, Adaptation::mcc}) {
    TrainConfig config = adapting(method);
    config.trade_off = 0;
    const transfer::Plan plan = transfer::plan(network(), {.kind = transfer::Kind::full, .batch_norm = transfer::BatchNormMode::fixed});
    const Samples samples = pictures(24, 1);
    const graph::Graph with = train::train(network(), plan, config, {samples, {}, {target(20)}}).graph;
    config.adapt = Adaptation::none;
    const graph::Graph without = train(network(), plan, config, samples, {}).graph;
    for (std::size_t p = 0; p < with.parameters.size(); ++p)
      for (std::size_t i = 0; i < with.parameters[p].tensor.values.size(); ++i)
        ASSERT_NEAR(with.parameters[p].tensor.values[i], without.parameters[p].tensor.values[i], 1e-4) << with.parameters[p].name;
  }
}

/// What lies below the stages that train is computed once, for the target as for the source.
TEST(Adaptation, OfACachedPrefixIsThatOfTheWholeNetwork) {
  const TrainConfig config = adapting(Adaptation::deep_coral);
  const graph::Graph graph = graph::with_dropout(narrowed(), 0);  // whose draws go by the number of its node
  const transfer::Plan plan = transfer::plan(graph, {.kind = transfer::Kind::partial, .weight_decay = 1e-3});
  const auto [below, above] = graph::split(graph, graph.stages[static_cast<std::size_t>(plan.first_trainable)]);
  Executor prefix(below, at::kFloat);
  const auto behind = [&](const Fill& fill) -> Fill {
    return [&, fill](uint64_t epoch, std::span<const std::size_t> which, std::span<float> out) {
      const at::Tensor given = prefix.predict(inputs_of(below, fill, epoch, which)).contiguous();
      std::copy_n(given.const_data_ptr<float>(), out.size(), out.begin());
    };
  };
  Samples samples = pictures(24, 1);
  Unlabelled theirs = target(20);
  const graph::Graph whole = train::train(graph, plan, config, {samples, {}, {theirs}}).graph;
  samples.fill = behind(samples.fill);
  theirs.fill = behind(theirs.fill);
  const graph::Graph part = train::train(above, plan, config, {samples, {}, {theirs}}).graph;
  for (const graph::Parameter& p : part.parameters)
    for (std::size_t i = 0; i < p.tensor.values.size(); ++i) ASSERT_NEAR(p.tensor.values[i], whole.find(p.name)->tensor.values[i], 1e-4) << p.name;
}

TEST(CheckAdaptation, SaysWhatIsMissing) {
  const transfer::Plan plan = plan_of(transfer::Kind::full);
  const Samples samples = pictures(24, 1);
  const auto said = [&](TrainConfig config, std::vector<Unlabelled> streams, const transfer::Plan& by, data::Task task = {}) {
    Samples some = samples;
    some.task = task;
    return message_of([&] { check(network(), by, config, {some, {}, std::move(streams)}); });
  };
  EXPECT_EQ(said(adapting(Adaptation::mcc), {}, plan), "mcc: the training has 0 streams of unlabelled photos, expected 1; give the target's photos");
  EXPECT_EQ(said(adapting(Adaptation::mcc), {target(3), target(3)}, plan),
            "mcc: the training has 2 streams of unlabelled photos, expected 1; give the target's photos");
  EXPECT_EQ(said(adapting(Adaptation::dan), {target(1)}, plan), "dan: the target has 1 photo, expected at least 2");
  TrainConfig alone = adapting(Adaptation::deep_coral);
  alone.batch = 1;
  const transfer::Plan fixed = plan_of(transfer::Kind::head);
  EXPECT_EQ(said(alone, {target(3)}, fixed), "--batch 1: deep-coral compares photos of a step; choose at least 2");
  EXPECT_EQ(said(adapting(Adaptation::mcc), {target(3)}, fixed, data::MultiLabel{}),
            "mcc: is for photos of one class each; choose dann, or another method that looks at features alone");
}

}  // namespace
}  // namespace graft::train
