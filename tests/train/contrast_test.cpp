// The losses of self-supervised learning, against the papers' formulas written plainly: values row by row, gradients by libtorch's autograd and by slopes.
#include "graft/train/terms/contrast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace graft::train {
namespace {

at::Tensor made(int64_t rows, int64_t width, double frequency) {
  return at::sin(at::arange(rows * width, at::kDouble) * frequency + frequency).view({rows, width});
}

at::Tensor cosine(const at::Tensor& a, const at::Tensor& b) { return (a * b).sum() / (a.norm() * b.norm()); }

/// Of SimCLR, as its algorithm 1 has it: over all pairs of different rows, and here over past rows that are not of the same photo.
at::Tensor plain_nt_xent(const at::Tensor& rows, double temperature, const PastRows& past) {
  const int64_t count = rows.size(0), photos = count / 2;
  at::Tensor sum = at::zeros({}, at::kDouble);
  for (int64_t i = 0; i < count; ++i) {
    at::Tensor others = at::zeros({}, at::kDouble);
    for (int64_t j = 0; j < count; ++j)
      if (j != i) others = others + (cosine(rows[i], rows[j]) / temperature).exp();
    for (int64_t k = 0; past.rows.defined() && k < past.rows.size(0); ++k)
      if (!past.same[i % photos][k].item<bool>()) others = others + (cosine(rows[i], past.rows[k]) / temperature).exp();
    sum = sum + others.log() - cosine(rows[i], rows[(i + photos) % count]) / temperature;
  }
  return sum / count;
}

at::Tensor plain_negative_cosine(const at::Tensor& predictions, const at::Tensor& targets) {
  at::Tensor sum = at::zeros({}, at::kDouble);
  for (int64_t i = 0; i < predictions.size(0); ++i) sum = sum - cosine(predictions[i], targets[i]);
  return sum / predictions.size(0);
}

void expect_same(const at::Tensor& rows, const std::function<ViewLoss(const at::Tensor&)>& ours,
                 const std::function<at::Tensor(const at::Tensor&)>& plain) {
  const ViewLoss loss = ours(rows);
  const at::Tensor leaf = rows.clone().requires_grad_(true), value = plain(leaf);
  value.backward();
  EXPECT_NEAR(loss.value / value.item<double>(), 1, 1e-9);
  const double largest = leaf.grad().abs().max().item<double>();
  EXPECT_LT((loss.gradient - leaf.grad()).abs().max().item<double>(), 1e-9 * largest);
  const ViewLoss single = ours(rows.to(at::kFloat));
  EXPECT_NEAR(single.value / value.item<double>(), 1, 1e-5);
  EXPECT_LT((single.gradient.to(at::kDouble) - leaf.grad()).abs().max().item<double>(), 1e-5 * largest);
  const at::Tensor way = at::cos(at::arange(rows.numel(), at::kDouble) * 0.9).view(rows.sizes());
  constexpr double kStep = 1e-6;
  EXPECT_NEAR((ours(rows + way * kStep).value - ours(rows - way * kStep).value) / (2 * kStep), (loss.gradient * way).sum().item<double>(), 1e-7);
}

PastRows past_rows(at::ScalarType type) {
  PastRows past{unit_rows(made(5, 6, 2.3)).rows.to(type), at::zeros({4, 5}, at::kBool)};
  past.same[1][3].fill_(true);
  past.same[3][0].fill_(true);
  return past;
}

TEST(Contrast, NtXentIsThePapers) {
  for (const double temperature : {0.1, 0.5, 1.0})
    expect_same(
        made(8, 6, 0.7), [&](const at::Tensor& rows) { return nt_xent(rows, temperature); },
        [&](const at::Tensor& rows) { return plain_nt_xent(rows, temperature, {}); });
}

TEST(Contrast, NtXentWithAQueueLeavesOutTheSamePhoto) {
  expect_same(
      made(8, 6, 0.7), [](const at::Tensor& rows) { return nt_xent(rows, 0.2, past_rows(rows.scalar_type())); },
      [](const at::Tensor& rows) { return plain_nt_xent(rows, 0.2, past_rows(at::kDouble)); });
  PastRows all = past_rows(at::kDouble);
  all.same.fill_(true);
  EXPECT_NEAR(nt_xent(made(8, 6, 0.7), 0.2, all).value, nt_xent(made(8, 6, 0.7), 0.2).value, 1e-12);
}

TEST(Contrast, NegativeCosineIsThePapers) {
  const at::Tensor targets = made(8, 6, 1.9);
  expect_same(
      made(8, 6, 0.7), [&](const at::Tensor& rows) { return negative_cosine(rows, targets.to(rows.scalar_type())); },
      [&](const at::Tensor& rows) { return plain_negative_cosine(rows, targets); });
  EXPECT_NEAR(negative_cosine(targets, 3 * targets).value, -1, 1e-12) << "whatever the length";
}

TEST(Contrast, OtherViewsAreTheSecondHalfFirst) {
  EXPECT_TRUE(at::equal(other_views(at::arange(6).view({6, 1})).flatten(), at::tensor({3, 4, 5, 0, 1, 2})));
}

TEST(Contrast, SpreadIsOneInAllDirectionsAndNoughtInOne) {
  EXPECT_NEAR(spread_of(at::cat({at::eye(3, at::kDouble), -at::eye(3, at::kDouble)})), 1, 1e-12);
  EXPECT_NEAR(spread_of(made(1, 6, 0.7).repeat({5, 1}) * at::arange(1, 6).unsqueeze(1)), 0, 1e-7) << "of different length, but in one direction";
  // Two directions at right angles, each half of the time: a deviation of 1/2 in two of four dimensions.
  const at::Tensor two = at::eye(4, at::kDouble).narrow(0, 0, 2);
  EXPECT_NEAR(spread_of(two), (0.5 + 0.5) / 4 * 2, 1e-12);
}

}  // namespace
}  // namespace graft::train
