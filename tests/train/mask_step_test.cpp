// A step of a masked autoencoder: its loss, and its gradients against slopes in float64.
#include "graft/train/loop/mask_step.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "graft/models/masked_decoder.h"
#include "graft/train/compute/parallel.h"
#include "graft/train/terms/reconstruction.h"
#include "train/masking.h"

namespace graft::train {
namespace {

using masking::encoder, masking::networks;
using small::message_of;

constexpr StepSeed kSeed{3, 4};
const std::vector<std::size_t> kPhotos{5, 0};
constexpr int64_t kTokens = 1 + masking::kPatches, kWidth = masking::kWidth;

at::Tensor pictures(double frequency = 0.7) {
  return at::sin(at::arange(2 * masking::kSide * masking::kSide * 3, at::kDouble) * frequency).view({2, masking::kSide, masking::kSide, 3});
}

PretrainingConfig config_of(double mask = 0.75) {
  PretrainingConfig config{.method = PretrainingMethod::mae, .batch = 2};
  config.mask = mask;
  return config;
}

/// The step and what it says of a change of any weight.
struct Played {
  explicit Played(double mask = 0.75) : config((set_threads(1), config_of(mask))), step(networks(), config, at::kDouble, plain()) {}
  double loss() { return step(pictures(), kPhotos, kSeed).loss; }

  PretrainingConfig config;
  MaskStep step;
};

TEST(MaskStep, HasTheGradientsOfItsLoss) {
  Played played;
  played.loss();
  for (const PretrainStep::Network& network : played.step.networks()) {
    const std::vector<at::Tensor> gradients = network.executor.gradients;
    for (std::size_t p = 0; p < gradients.size(); ++p) {
      EXPECT_EQ(gradients[p].defined(), network.executor.graph().parameters[p].name != "decoder_pos_embed");
      if (!gradients[p].defined()) continue;
      at::Tensor& value = network.executor.values[p];
      const at::Tensor gradient = gradients[p].clone(), here = value.clone();
      const at::Tensor way = at::cos(at::arange(value.numel(), at::kDouble) * 0.9).view(value.sizes());
      constexpr double kStep = 1e-6;
      value.copy_(here + way * kStep);
      const double above = played.loss();
      value.copy_(here - way * kStep);
      const double slope = (above - played.loss()) / (2 * kStep);
      value.copy_(here);
      EXPECT_NEAR(slope, (gradient * way).sum().item<double>(), 1e-5 * std::max((gradient.norm() * way.norm()).item<double>(), 1e-2))
          << network.executor.graph().parameters[p].name;
    }
  }
}

/// The patches of the first picture that the step sees: a change within a hidden one changes nothing of what normalization leaves of it.
std::vector<int64_t> seen_by(MaskStep& step, const at::Tensor& pictures) {
  const double loss = step(pictures, kPhotos, kSeed).loss;
  std::vector<int64_t> seen;
  for (int64_t patch = 0; patch < masking::kPatches; ++patch) {
    at::Tensor changed = pictures.clone();
    const int64_t row = patch / masking::kAcross * masking::kPatch, column = patch % masking::kAcross * masking::kPatch;
    changed[0].narrow(0, row, masking::kPatch).narrow(1, column, masking::kPatch).mul_(1.5).add_(0.25);
    const double other = step(changed, kPhotos, kSeed).loss;
    if (std::abs(other - loss) > 1e-4) seen.push_back(patch);
  }
  return seen;
}

TEST(MaskStep, TheLossIsOfPatchesThatTheEncoderDoesNotSee) {
  Played played;
  const at::Tensor one = pictures().narrow(0, 0, 1);
  const std::vector<int64_t> seen = seen_by(played.step, one);
  ASSERT_EQ(seen.size(), static_cast<std::size_t>(masking::kPatches / 4));
  std::vector<graph::Graph> parts = masked_parts(networks(), played.config);
  Executor stem(parts[0], at::kDouble, plain()), layers(parts[1], at::kDouble, plain()), decoder(parts[2], at::kDouble, plain());
  std::vector<int64_t> index{0};
  for (const int64_t patch : seen) index.push_back(1 + patch);
  const at::Tensor made = layers.forward(stem.predict(one).index_select(1, at::tensor(index)), kSeed).at("tokens");
  at::Tensor shown = at::zeros({1, kTokens, kWidth + 1}, at::kDouble), hidden = at::ones({1, masking::kPatches}, at::kDouble);
  shown[0].select(1, kWidth).fill_(1);
  for (std::size_t i = 0; i < index.size(); ++i) {
    shown[0][index[i]].narrow(0, 0, kWidth).copy_(made[0][static_cast<int64_t>(i)]);
    shown[0][index[i]][kWidth].fill_(0);
    if (index[i] > 0) hidden[0][index[i] - 1].fill_(0);
  }
  const at::Tensor said = decoder.predict(shown).narrow(1, 1, masking::kPatches);
  EXPECT_NEAR(played.step(one, kPhotos, kSeed).loss, reconstruction_loss(said, patches_of_pictures(one, masking::kPatch), hidden).value, 1e-12);
}

TEST(MaskStep, EachStepHidesOthers) {
  Played played;
  std::set<double> losses;
  for (uint64_t step = 0; step < 4; ++step) losses.insert(played.step(pictures(), kPhotos, {3, step}).loss);
  losses.insert(played.step(pictures(), kPhotos, {4, 0}).loss);
  EXPECT_EQ(losses.size(), 5U);
  EXPECT_EQ(played.step(pictures(), kPhotos, {3, 1}).loss, played.step(pictures(), kPhotos, {3, 1}).loss);
}

TEST(MaskStep, FeaturesAreTheWholeEncodersOfAllPatches) {
  Played played;
  const at::Tensor ours = played.step.features(pictures());
  Executor whole(encoder(), at::kDouble, plain());
  EXPECT_LT((ours - whole.predict(pictures())).abs().max().item<double>(), 1e-12);
}

TEST(MaskStep, HidesSomeButNotAll) {
  const auto message = [](double mask) { return message_of([&] { masked_parts(networks(), config_of(mask)); }); };
  EXPECT_EQ(message(0.01), "--mask 0.01: leaves 16 of 16 patches to be seen, expected some but not all; choose another --mask, or a larger --size");
  EXPECT_EQ(message(0.99), "--mask 0.99: leaves 0 of 16 patches to be seen, expected some but not all; choose another --mask, or a larger --size");
  EXPECT_EQ(masked_parts(networks(), config_of())[1].input_dims(), (graph::Dims{1 + 4, kWidth})) << "the layers see a quarter";
  EXPECT_EQ(masked_parts(networks(), config_of())[2].input_dims(), (graph::Dims{kTokens, kWidth + 1}));
}

TEST(MaskStep, ThePositionsOfTheDecoderStay) {
  Played played;
  for (const PretrainStep::Network& network : played.step.networks())
    for (const transfer::StagePlan& stage : network.plan.stages) EXPECT_EQ(stage.trains, stage.name != graph::kFixedPositions) << stage.name;
}

TEST(Reconstruction, PatchesAreCutRowByRow) {
  const at::Tensor pictures = at::arange(2 * 4 * 6 * 3, at::kDouble).view({2, 4, 6, 3});
  const at::Tensor patches = patches_of_pictures(pictures, 2);
  ASSERT_EQ(patches.sizes(), (std::vector<int64_t>{2, 6, 12}));
  for (int64_t n = 0; n < 2; ++n)
    for (int64_t patch = 0; patch < 6; ++patch)
      for (int64_t y = 0; y < 2; ++y)
        for (int64_t x = 0; x < 2; ++x)
          for (int64_t c = 0; c < 3; ++c)
            EXPECT_EQ(patches[n][patch][(y * 2 + x) * 3 + c].item<double>(), pictures[n][patch / 3 * 2 + y][patch % 3 * 2 + x][c].item<double>());
}

TEST(Reconstruction, LossAndGradientAreTheFormulas) {
  const auto values = [](double frequency) { return at::sin(at::arange(2 * 3 * 12, at::kDouble) * frequency).view({2, 3, 12}); };
  const at::Tensor said = values(0.9), patches = 3 + 2 * values(1.7), hidden = at::tensor({1., 0., 1., 0., 1., 0.}, at::kDouble).view({2, 3});
  const auto plainly = [&](const at::Tensor& rows) {
    double sum = 0;
    for (int64_t n = 0; n < 2; ++n)
      for (int64_t t = 0; t < 3; ++t) {
        if (hidden[n][t].item<double>() == 0) continue;
        double mean = 0, variance = 0, error = 0;
        for (int64_t i = 0; i < 12; ++i) mean += patches[n][t][i].item<double>() / 12;
        for (int64_t i = 0; i < 12; ++i) variance += std::pow(patches[n][t][i].item<double>() - mean, 2) / 11;
        for (int64_t i = 0; i < 12; ++i)
          error += std::pow(rows[n][t][i].item<double>() - (patches[n][t][i].item<double>() - mean) / std::sqrt(variance + 1e-6), 2) / 12;
        sum += error;
      }
    return sum / 3;
  };
  const Reconstruction found = reconstruction_loss(said, patches, hidden);
  EXPECT_NEAR(found.value, plainly(said), 1e-12);
  for (int64_t i = 0; i < said.numel(); i += 5) {
    at::Tensor moved = said.clone();
    moved.view(-1)[i] += 1e-6;
    const double above = plainly(moved);
    moved.view(-1)[i] -= 2e-6;
    EXPECT_NEAR(found.gradient.contiguous().view(-1)[i].item<double>(), (above - plainly(moved)) / 2e-6, 1e-7);
  }
}

}  // namespace
}  // namespace graft::train
