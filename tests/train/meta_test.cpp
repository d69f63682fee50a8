// Meta-learning: gradients through the steps of a task against slopes in float64, tasks that are learned, trainings that go on.
#include "graft/train/meta.h"

#include <gtest/gtest.h>

#include <numeric>

#include "folder.h"
#include "graft/train/meta/learner.h"
#include "graft/transfer/initialise.h"
#include "train/small.h"

namespace graft::train {
namespace {

using namespace small;

constexpr MetaMethod kMethods[] = {MetaMethod::protonet, MetaMethod::maml, MetaMethod::anil, MetaMethod::reptile, MetaMethod::meta_transfer};
constexpr int kWays = 3, kPhotosOfClass = 8;
constexpr std::size_t kClasses = 12;

/// Convolutions with batch norm, without the bends of ReLU, by which slopes are blurred; of protonet without the last layer.
graph::Graph smooth(MetaMethod method) {
  graph::Graph graph{.name = "smooth"};
  graph::Builder b(graph);
  b.stage("block1");
  graph::Value x = activate(graph::Function::silu, b.batch_norm("bn1", b.conv("conv1", b.input({3, 8, 8}), {.out = 6, .kernel = 3, .bias = true})));
  x = apply(graph::AveragePool{2, 2}, {x});
  b.stage("block2");
  x = activate(graph::Function::silu, b.batch_norm("bn2", b.conv("conv2", x, {.out = 5, .kernel = 3, .bias = true})));
  b.stage("head");
  b.linear("head", apply(graph::Flatten{}, {apply(graph::AveragePool{2, 2}, {x})}), {.out = kWays});
  transfer::initialise(graph, 4);
  return method == MetaMethod::protonet ? graph::features(graph, false, true) : graph;
}

/// Photos 0 to kPhotosOfClass - 1 are of class 0, and so on: stripes of a direction and a width, in a color, with noise.
void fill(uint64_t, std::span<const std::size_t> which, std::span<float> out) {
  float* to = out.data();
  for (const std::size_t photo : which) {
    const std::size_t kind = photo / kPhotosOfClass;
    Rng rng(9, photo);
    const auto shift = rng.below(8);
    for (std::size_t i = 0; i < 64; ++i)
      for (std::size_t c = 0; c < 3; ++c) {
        const std::size_t along = (kind % 2 == 0 ? i % 8 : i / 8) + shift, width = 1 + kind / 2 % 2;
        *to++ = static_cast<float>(0.3 * rng.uniform() + (along / width % 2 == 0 ? 1 : 0) * (c == kind / 4 ? 1.5 : 0.5));
      }
  }
}

std::vector<std::vector<std::size_t>> classes_of(std::size_t first, std::size_t last) {
  std::vector<std::vector<std::size_t>> all;
  for (std::size_t k = first; k < last; ++k) {
    all.emplace_back(kPhotosOfClass);
    std::iota(all.back().begin(), all.back().end(), k * kPhotosOfClass);
  }
  return all;
}

MetaConfig config_for(MetaMethod method) {
  MetaConfig
      config{.method = method, .ways = kWays, .shots = 1, .queries = 3, .iterations = 6, .tasks = 2, .lr = 0.003, .inner_lr = 0.4, .inner_steps = 3};
  config.check_every = 3;
  config.val_episodes = 4;
  if (method == MetaMethod::reptile) config.lr = 1, config.inner_lr = 0.01;
  if (method == MetaMethod::meta_transfer) config.lr = 0.03;
  return config;
}

MetaPhotos photos() { return {fill, classes_of(0, 8), classes_of(8, kClasses)}; }

Task task_in_float64() {
  const data::Episode episode = data::draw_episode(classes_of(0, 8), kWays, 1, 3, 0, 5);
  const auto some = [](const std::vector<std::size_t>& which) {
    std::vector<float> values(which.size() * 8 * 8 * 3);
    fill(0, which, values);
    const auto count = static_cast<int64_t>(which.size());
    return TaskPhotos{at::tensor(values, at::kDouble).view({count, 8, 8, 3}), at::arange(kWays, at::kLong).repeat_interleave(count / kWays)};
  };
  return {some(episode.support), some(episode.query)};
}

class Slopes : public testing::TestWithParam<MetaMethod> {};
INSTANTIATE_TEST_SUITE_P(Meta, Slopes, testing::Values(MetaMethod::protonet, MetaMethod::maml, MetaMethod::anil, MetaMethod::meta_transfer));

TEST_P(Slopes, AreTheGradientThroughAllStepsOfTheTask) {
  const Task task = task_in_float64();
  Learner learner(smooth(GetParam()), config_for(GetParam()), at::kDouble);
  std::vector<at::Tensor> gradient, unused;
  for (const at::Tensor& value : learner.learned) {
    gradient.push_back(at::zeros_like(value));
    unused.push_back(at::zeros_like(value));
  }
  learner.add_gradient(task, gradient);
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const double scale = gradient[i].abs().max().item<double>();
    for (const int64_t at : {int64_t{0}, learner.learned[i].numel() / 2, learner.learned[i].numel() - 1}) {
      double& value = learner.learned[i].mutable_data_ptr<double>()[at];
      const double here = value;
      value = here + kStep;
      const double above = learner.add_gradient(task, unused).mean.item<double>();
      value = here - kStep;
      const double below = learner.add_gradient(task, unused).mean.item<double>();
      value = here;
      EXPECT_NEAR(gradient[i].view(-1)[at].item<double>(), (above - below) / (2 * kStep), 1e-5 * std::max(scale, 1e-2)) << i << " " << at;
    }
  }
}

TEST(Meta, FirstOrderLeavesOutTheSecondDerivatives) {
  const Task task = task_in_float64();
  MetaConfig config = config_for(MetaMethod::maml);
  const auto gradient_of = [&] {
    Learner learner(smooth(config.method), config, at::kDouble);
    std::vector<at::Tensor> gradient;
    for (const at::Tensor& value : learner.learned) gradient.push_back(at::zeros_like(value));
    learner.add_gradient(task, gradient);
    return gradient[0];
  };
  const at::Tensor second = gradient_of();
  config.first_order = true;
  const at::Tensor first = gradient_of();
  EXPECT_GT((first - second).norm().item<double>(), 0.01 * second.norm().item<double>());
  EXPECT_GT((first * second).sum().item<double>(), 0) << "and points the same way";
}

TEST(Meta, AutogradAgreesWithTheBackwardWrittenByHand) {
  const graph::Graph graph = network();
  const at::Tensor pictures = at::sin(at::arange(4 * kSide * kSide * 3, at::kDouble) * 0.7).view({4, kSide, kSide, 3});
  const at::Tensor labels = at::tensor({0, 2, 1, 2}, at::kLong);
  const std::vector<StageMode> live(graph.stages.size(), {.trains = true, .batch_norm_live = true});
  Executor by_hand(graph, at::kDouble, plain()), recorded(graph, at::kDouble, plain());
  by_hand.set_modes(live);
  recorded.set_modes(live);
  const at::Tensor logits = by_hand.forward(pictures, {1, 2}).at(graph::kLogits);
  by_hand.backward({{graph::kLogits, (at::softmax(logits, 1) - at::one_hot(labels, 3)) / 4}});
  for (at::Tensor& value : recorded.values) value.requires_grad_(value.dim() > 0);
  for (std::size_t p = 0; p < graph.parameters.size(); ++p)
    if (graph.parameters[p].buffer) recorded.values[p] = recorded.values[p].detach();
  at::nll_loss(at::log_softmax(recorded.differentiable(pictures, {1, 2}), 1), labels).backward();
  for (std::size_t p = 0; p < graph.parameters.size(); ++p) {
    if (graph.parameters[p].buffer) {
      EXPECT_TRUE(at::equal(recorded.values[p], by_hand.values[p])) << graph.parameters[p].name;
      continue;
    }
    EXPECT_LT((recorded.values[p].grad() - by_hand.gradients[p]).norm().item<double>(), 1e-5 * by_hand.gradients[p].norm().item<double>())
        << graph.parameters[p].name;
  }
}

TEST(Meta, PrototypesAreTheMeansOfTheClasses) {
  const Task task = task_in_float64();
  const graph::Graph graph = smooth(MetaMethod::protonet);
  Learner learner(graph, config_for(MetaMethod::protonet), at::kDouble);
  std::vector<at::Tensor> gradient;
  for (const at::Tensor& value : learner.learned) gradient.push_back(at::zeros_like(value));
  const Learner::Loss loss = learner.add_gradient(task, gradient);
  Executor executor(graph, at::kDouble, plain());
  executor.set_modes({graph.stages.size(), {.trains = true, .batch_norm_live = true}});
  const at::Tensor features = executor.forward(at::cat({task.support.pictures, task.query.pictures}), {}).begin()->second;
  double sum = 0;
  for (int64_t q = 0; q < 3 * kWays; ++q) {
    double own = 0, all = 0;
    for (int64_t k = 0; k < kWays; ++k) {  // one photo is its class's mean
      const double likeness = std::exp(-(features[kWays + q] - features[k]).square().sum().item<double>());
      all += likeness;
      if (k == q / 3) own = likeness;
    }
    sum -= std::log(own / all) / (3 * kWays);
  }
  EXPECT_NEAR(loss.mean.item<double>() / sum, 1, 1e-5);
}

class Trained : public testing::TestWithParam<MetaMethod> {};
INSTANTIATE_TEST_SUITE_P(Meta, Trained, testing::ValuesIn(kMethods));

TEST_P(Trained, NamesPhotosOfClassesThatItHasNotSeen) {
  MetaConfig config = config_for(GetParam());
  config.iterations = 60;
  config.check_every = 20;
  const graph::Graph begin = smooth(GetParam());
  const MetaResult result = meta_train(begin, config, photos());
  ASSERT_EQ(result.history.size(), 3U);
  std::vector<data::Episode> episodes;
  for (std::size_t e = 0; e < 20; ++e) episodes.push_back(data::draw_episode(classes_of(8, kClasses), kWays, 1, 3, 77, e));
  const auto mean = [&](const graph::Graph& graph) {
    const std::vector<double> right = meta_answers(graph, config, fill, episodes);
    return std::accumulate(right.begin(), right.end(), 0.0) / static_cast<double>(right.size());
  };
  EXPECT_GT(mean(result.graph), mean(begin) + 0.02);
  EXPECT_GT(mean(result.graph), 0.6);
}

TEST_P(Trained, GoesOnToTheSameBytes) {
  const MetaConfig config = config_for(GetParam());
  const graph::Graph begin = smooth(GetParam());
  const MetaResult whole = meta_train(begin, config, photos());
  for (const int stop_at : {1, 2, 3, 5, 7, 8, 9, 11}) {  // updates, and tasks of the validation
    const TestFolder folder;
    int asked = 0;
    Hooks hooks{.stop = [&] { return ++asked == stop_at; }, .checkpoint = folder / "state"};
    try {
      meta_train(begin, config, photos(), hooks);
    } catch (const Interrupted&) {}
    hooks.stop = {};
    const MetaResult resumed = meta_train(begin, config, photos(), hooks);
    EXPECT_EQ(different(resumed.graph, whole.graph), std::vector<std::string>{}) << stop_at;
    EXPECT_EQ(resumed.history, whole.history) << stop_at;
  }
}

TEST(Meta, OutputsAreTheWays) {
  MetaConfig config = config_for(MetaMethod::maml);
  config.ways = 4;
  EXPECT_EQ(message_of([&] { meta_train(smooth(MetaMethod::maml), config, photos()); }), "--ways 4: the network has outputs of 3");
}

}  // namespace
}  // namespace graft::train
