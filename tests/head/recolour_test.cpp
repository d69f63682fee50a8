#include "graft/head/recolour.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "head/made_data.h"

namespace graft::head {
namespace {

using Square = std::array<double, 4>;  // a b; c d

Square times(const Square& x, const Square& y) {
  return {x[0] * y[0] + x[1] * y[2], x[0] * y[1] + x[1] * y[3], x[2] * y[0] + x[3] * y[2], x[2] * y[1] + x[3] * y[3]};
}

/// Of a symmetric positive matrix, by Cayley and Hamilton.
Square root(const Square& m) {
  const double s = std::sqrt(m[0] * m[3] - m[1] * m[2]), t = std::sqrt(m[0] + m[3] + 2 * s);
  return {(m[0] + s) / t, m[1] / t, m[2] / t, (m[3] + s) / t};
}

Square inverse(const Square& m) {
  const double d = m[0] * m[3] - m[1] * m[2];
  return {m[3] / d, -m[1] / d, -m[2] / d, m[0] / d};
}

struct Moments {
  std::array<double, 2> mean{}, deviation{};
  double correlation = 0;
};

Moments moments_of(const std::vector<float>& values) {
  Moments m;
  const std::size_t n = values.size() / 2;
  const auto at = [&](std::size_t i, std::size_t c) { return static_cast<double>(values[2 * i + c]); };
  for (std::size_t c = 0; c < 2; ++c) {
    for (std::size_t i = 0; i < n; ++i) m.mean[c] += at(i, c) / static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) m.deviation[c] += std::pow(at(i, c) - m.mean[c], 2) / static_cast<double>(n);
    m.deviation[c] = std::sqrt(m.deviation[c]);
  }
  for (std::size_t i = 0; i < n; ++i)
    m.correlation += (at(i, 0) - m.mean[0]) * (at(i, 1) - m.mean[1]) / static_cast<double>(n) / m.deviation[0] / m.deviation[1];
  return m;
}

/// Two columns; the second leans on the first.
std::vector<float> leaning(std::string_view name, std::size_t rows, double lean, double scale, double centre) {
  std::vector<float> values;
  for (std::size_t i = 0; i < rows; ++i) {
    const double x = made_value(name, 2 * i), y = made_value(name, 2 * i + 1);
    values.push_back(static_cast<float>(centre + scale * x));
    values.push_back(static_cast<float>(-centre + lean * x + y));
  }
  return values;
}

TEST(Recoloured, IsTheFormulaOfTheArticle) {
  ThreadPool pool(2);
  const std::vector<float> source = leaning("source", 50, 1.5, 2, 3), target = leaning("target", 40, -0.7, 0.5, -1);
  const std::vector<float> out = recoloured({source, 50, 2}, {target, 40, 2}, pool);
  const Moments s = moments_of(source), t = moments_of(target);
  const Square map = times(inverse(root({2, s.correlation, s.correlation, 2})), root({2, t.correlation, t.correlation, 2}));
  for (std::size_t i = 0; i < 50; ++i) {
    const double x = (static_cast<double>(source[2 * i]) - s.mean[0]) / s.deviation[0];
    const double y = (static_cast<double>(source[2 * i + 1]) - s.mean[1]) / s.deviation[1];
    EXPECT_NEAR(out[2 * i], t.mean[0] + t.deviation[0] * (x * map[0] + y * map[2]), 1e-5);
    EXPECT_NEAR(out[2 * i + 1], t.mean[1] + t.deviation[1] * (x * map[1] + y * map[3]), 1e-5);
  }
  const Moments o = moments_of(out);
  EXPECT_NEAR(o.mean[0], t.mean[0], 1e-5);
  EXPECT_NEAR(o.mean[1], t.mean[1], 1e-5);
  EXPECT_LT(std::abs(o.correlation - t.correlation), std::abs(s.correlation - t.correlation));
}

/// Fewer rows than columns: two rows differ in one direction s of signs, R = s s^T, whose only eigenvalue is the width.
TEST(Recoloured, OfFewerRowsThanColumns) {
  ThreadPool pool(1);
  const std::vector<float> source{0, 2, 0, 2, 0, 2}, target{0, 0, 6, 6, 6, 0};  // signs (+ - +) and (+ + -)
  const std::vector<float> out = recoloured({source, 2, 3}, {target, 2, 3}, pool);
  // z = (-1, 1, -1) lies along s, where R + I is 4: whitened it is z / 2. Of that, the part along (1, 1, -1) doubles.
  const std::array<double, 3> z{-0.5, 0.5, -0.5}, direction{1, 1, -1};
  const double along = (z[0] * direction[0] + z[1] * direction[1] + z[2] * direction[2]) / 3;
  const std::array<double, 3> mean{3, 3, 3}, deviation{3, 3, 3};
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(out[c], mean[c] + deviation[c] * (z[c] + along * direction[c]), 1e-5) << c;
}

TEST(Recoloured, ToItselfStaysAsItIs) {
  ThreadPool pool(2);
  for (const std::size_t rows : {7U, 60U}) {
    const Made made = make_data(rows, 20, 3);
    const std::vector<float> out = recoloured(made.features(), made.features(), pool);
    for (std::size_t i = 0; i < out.size(); ++i) EXPECT_NEAR(out[i], made.values[i], 1e-4);
  }
}

TEST(Recoloured, DoesNotDependOnThreads) {
  ThreadPool one(1), three(3);
  const Made source = make_data(90, 30, 3), target = make_data(40, 30, 2);
  EXPECT_EQ(recoloured(source.features(), target.features(), one), recoloured(source.features(), target.features(), three));
}

TEST(Recoloured, AConstantFeatureBecomesWhatTheTargetHas) {
  ThreadPool pool(1);
  const std::vector<float> source{1, 5, 2, 5, 3, 5}, target{7, 1, 9, 3, 8, 2};
  const std::vector<float> out = recoloured({source, 3, 2}, {target, 3, 2}, pool);
  for (const float value : out) EXPECT_TRUE(std::isfinite(value));
  const std::vector<float> flat = recoloured({target, 3, 2}, {source, 3, 2}, pool);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(flat[2 * i + 1], 5);
}

TEST(Recoloured, WrongSizes) {
  ThreadPool pool(1);
  const std::vector<float> three{1, 2, 3}, four{1, 2, 3, 4};
  EXPECT_THROW(recoloured({three, 1, 3}, {three, 1, 3}, pool), std::logic_error);
  EXPECT_THROW(recoloured({four, 2, 2}, {four, 4, 1}, pool), std::logic_error);
}

}  // namespace
}  // namespace graft::head
