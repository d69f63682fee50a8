// Each instruction set's batch norm with its activation against formulas in double: every shape, NaN, infinity, and how the rows are cut.
#include <algorithm>

#include "kernels_test.h"

namespace graft::train {

void PrintTo(Shape shape, std::ostream* out) { *out << "shape " << static_cast<int>(shape); }

namespace {

constexpr Shape kShapes[] = {Shape::identity, Shape::relu, Shape::relu6, Shape::silu, Shape::hard_swish};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double activated(Shape shape, double x) {
  switch (shape) {
    case Shape::identity: return x;
    case Shape::relu: return std::max(x, 0.);
    case Shape::relu6: return std::clamp(x, 0., 6.);
    case Shape::silu: return x * sigmoid(x);
    case Shape::hard_swish: return x * std::clamp(x + 3, 0., 6.) / 6;
  }
  return 0;
}

double derivative(Shape shape, double x) {
  switch (shape) {
    case Shape::identity: return 1;
    case Shape::relu: return x > 0 ? 1 : 0;
    case Shape::relu6: return x > 0 && x < 6 ? 1 : 0;
    case Shape::silu: return sigmoid(x) * (1 + x * (1 - sigmoid(x)));
    case Shape::hard_swish: return x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5;
  }
  return 0;
}

/// Rows of channels and the constants per channel.
template <class X>
struct Rows {
  Size rows, channels;
  std::vector<X> x, dy, added;
  std::vector<float> scale, shift, p, q, r;

  Rows(Rng& rng, Size n, Size c)
      : rows(n),
        channels(c),
        x(random<X>(rng, n * c, -6, 6)),
        dy(random<X>(rng, n * c)),
        added(random<X>(rng, n * c)),
        scale(random<float>(rng, c, 0.5, 2)),
        shift(random<float>(rng, c)),
        p(random<float>(rng, c)),
        q(random<float>(rng, c)),
        r(random<float>(rng, c)) {}

  std::size_t count() const { return x.size(); }
  double before(std::size_t i) const { return static_cast<double>(wide(x[i])) * scale[i % at(channels)] + shift[i % at(channels)]; }
  /// What the activation's own error is relative to: the sizes of the terms of its argument.
  double reach(std::size_t i) const { return std::abs(wide(x[i]) * scale[i % at(channels)]) + std::abs(shift[i % at(channels)]) + 1; }
};

template <class X>
void check_normalise(const Kernels& set, const Rows<X>& t, Shape shape, bool with_added) {
  const std::string what = std::string(set.name) + " normalize of " + std::to_string(t.rows) + " x " + std::to_string(t.channels);
  Sums want(static_cast<Size>(t.count()));
  for (std::size_t i = 0; i < t.count(); ++i) {
    const double added = with_added ? wide(t.added[i]) : 0;
    want.value[i] = activated(shape, t.before(i) + added);
    want.size[i] = t.reach(i) + std::abs(added);
  }
  std::vector<X> y = blank<X>(static_cast<Size>(t.count()));
  const X* added = with_added ? t.added.data() : nullptr;
  kernels_of<X>(set).normalise(t.x.data(), t.scale.data(), t.shift.data(), shape, added, y.data(), t.rows, t.channels);
  expect_near(y, want, what);
  std::vector<X> pieces = blank<X>(static_cast<Size>(t.count()));
  for (Size row = t.rows - 1; row >= 0; --row) {
    const Size from = row * t.channels;
    kernels_of<X>(set).normalise(t.x.data() + from, t.scale.data(), t.shift.data(), shape, with_added ? added + from : nullptr, pieces.data() + from,
                                 1, t.channels);
  }
  EXPECT_TRUE(same_bits(y, pieces)) << what << " in pieces";
}

template <class X>
void check_backward(const Kernels& set, const Rows<X>& t, Shape shape) {
  const std::string what = std::string(set.name) + " backward of " + std::to_string(t.rows) + " x " + std::to_string(t.channels);
  Sums sum(t.channels), product(t.channels), dx(static_cast<Size>(t.count()));
  for (std::size_t i = 0; i < t.count(); ++i) {
    const Size c = static_cast<Size>(i % at(t.channels));
    const double x = wide(t.x[i]), dz = wide(t.dy[i]) * derivative(shape, t.before(i)), reach = std::abs(wide(t.dy[i])) * t.reach(i);
    sum.add(c, dz), product.add(c, dz * x);
    sum.size[at(c)] += reach, product.size[at(c)] += reach * std::abs(x);
    for (const double term : {dz * t.p[at(c)], x * t.q[at(c)], static_cast<double>(t.r[at(c)])}) dx.add(static_cast<Size>(i), term);
    dx.size[i] += reach * std::abs(t.p[at(c)]);
  }
  // The sums are added to what is there.
  std::vector<float> first(at(t.channels), 2), second(at(t.channels), 3);
  const KernelsOf<X>& kernels = kernels_of<X>(set);
  kernels.backward_sums(t.x.data(), t.dy.data(), t.scale.data(), t.shift.data(), shape, t.rows, t.channels, first.data(), second.data());
  for (Size c = 0; c < t.channels; ++c) sum.add(c, 2), product.add(c, 3);
  expect_near(first, sum, what + " sum");
  expect_near(second, product, what + " product");
  std::vector<X> got = blank<X>(static_cast<Size>(t.count())), pieces = got;
  const auto into = [&](std::vector<X>& to, Size begin, Size end) {
    const Size from = begin * t.channels;
    kernels.backward_input(t.x.data() + from, t.dy.data() + from, t.scale.data(), t.shift.data(), shape, t.p.data(), t.q.data(), t.r.data(),
                           to.data() + from, end - begin, t.channels);
  };
  into(got, 0, t.rows);
  expect_near(got, dx, what + " input");
  for (Size row = t.rows - 1; row >= 0; --row) into(pieces, row, row + 1);
  EXPECT_TRUE(same_bits(got, pieces)) << what << " input in pieces";
}

template <class X>
void check_moments(const Kernels& set, const Rows<X>& t) {
  Sums sum(t.channels), square(t.channels);
  for (std::size_t i = 0; i < t.count(); ++i) {
    const double x = wide(t.x[i]);
    sum.add(static_cast<Size>(i % at(t.channels)), x);
    square.add(static_cast<Size>(i % at(t.channels)), x * x);
  }
  for (Size c = 0; c < t.channels; ++c) sum.add(c, 2), square.add(c, 3);
  std::vector<float> first(at(t.channels), 2), second(at(t.channels), 3);
  kernels_of<X>(set).moments(t.x.data(), t.rows, t.channels, first.data(), second.data());
  expect_near(first, sum, std::string(set.name) + " sum");
  expect_near(second, square, std::string(set.name) + " sum of squares");
}

template <class X>
void check_rows(Size rows, Size channels) {
  Rng rng(9, static_cast<uint64_t>(rows * 1000 + channels));
  const Rows<X> t(rng, rows, channels);
  for (const Kernels* set : available_kernels()) {
    check_moments(*set, t);
    for (const Shape shape : kShapes) {
      SCOPED_TRACE(testing::PrintToString(shape));
      check_normalise(*set, t, shape, false);
      check_normalise(*set, t, shape, true);
      check_backward(*set, t, shape);
    }
  }
}

TEST(Norm, IsItsFormulas) {
  for (const Size rows : {1, 63, 64, 65, 200})
    for (const Size channels : {1, 3, 4, 8, 15, 16, 24, 33, 64, 70}) {
      check_rows<float>(rows, channels);
      check_rows<Bf16>(rows, channels);
      if (testing::Test::HasFailure()) return;
    }
}

std::vector<float> normalised(const Kernels& set, const std::vector<float>& x, Shape shape) {
  std::vector<float> y(x.size());
  const float one = 1, zero = 0;
  set.single.normalise(x.data(), &one, &zero, shape, nullptr, y.data(), static_cast<Size>(x.size()), 1);
  return y;
}

TEST(Norm, SiluIsExactToAFewUnitsInTheLastPlace) {
  std::vector<float> x;
  for (double v = -86; v < 100; v += 0.00731) x.push_back(static_cast<float>(v));
  for (const Kernels* set : available_kernels()) {
    const std::vector<float> y = normalised(*set, x, Shape::silu);
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i) worst = std::max(worst, std::abs(y[i] / activated(Shape::silu, x[i]) - 1));
    EXPECT_LT(worst, 4e-7) << set->name;
  }
}

TEST(Norm, SiluNearsItsLimitsFarOut) {
  for (const Kernels* set : available_kernels()) {
    const std::vector<float> y = normalised(*set, {-kInfinity, -1e4F, -100, 200, 1e30F, kInfinity}, Shape::silu);
    EXPECT_FALSE(std::isfinite(y[0]) && y[0] != 0) << set->name;
    EXPECT_NEAR(y[1], 0, 1e-30) << set->name;
    EXPECT_NEAR(y[2], 0, 1e-30) << set->name;
    EXPECT_EQ((std::vector{y[3], y[4], y[5]}), (std::vector{200.F, 1e30F, kInfinity})) << set->name;
  }
}

template <class X>
void check_nan(const Kernels& set, Shape shape) {
  const KernelsOf<X>& kernels = kernels_of<X>(set);
  constexpr Size kChannels = 21;                               // whole vectors and a rest
  const float everything = std::bit_cast<float>(0xFFFFFFFFU);  // rounding its bits up would give 0
  for (const float nan : {kNan, -kNan, everything}) {
    std::vector<X> x(kChannels, narrow<X>(1)), dy = x, y = x, dx = x;
    std::vector<float> scale(kChannels, 1), shift(kChannels, 1), sum(kChannels), product(kChannels), q(kChannels);
    x[2] = x[20] = dy[3] = dy[19] = narrow<X>(nan);
    scale[4] = scale[18] = nan;
    kernels.normalise(x.data(), scale.data(), shift.data(), shape, nullptr, y.data(), 1, kChannels);
    kernels.backward_sums(x.data(), dy.data(), scale.data(), shift.data(), shape, 1, kChannels, sum.data(), product.data());
    kernels.backward_input(x.data(), dy.data(), scale.data(), shift.data(), shape, scale.data(), q.data(), q.data(), dx.data(), 1, kChannels);
    for (Size i = 0; i < kChannels; ++i) {
      const bool forward = i == 2 || i == 20 || i == 4 || i == 18, incoming = i == 3 || i == 19;
      EXPECT_EQ(std::isnan(wide(y[at(i)])), forward) << set.name << " y " << i;
      EXPECT_EQ(std::isnan(wide(dx[at(i)])), forward || incoming) << set.name << " dx " << i;
      EXPECT_TRUE(std::isnan(product[at(i)]) == (forward || incoming) || i == 4 || i == 18) << set.name << " product " << i;
      EXPECT_TRUE(std::isnan(sum[at(i)]) || !incoming) << set.name << " sum " << i;
    }
  }
}

TEST(Norm, LetsNanThrough) {
  for (const Kernels* set : available_kernels())
    for (const Shape shape : kShapes) {
      SCOPED_TRACE(testing::PrintToString(shape));
      check_nan<float>(*set, shape);
      check_nan<Bf16>(*set, shape);
    }
}

TEST(Norm, InfinityIsTheActivationsLimit) {
  for (const Kernels* set : available_kernels()) {
    EXPECT_EQ(normalised(*set, {-kInfinity, kInfinity}, Shape::identity), (std::vector{-kInfinity, kInfinity})) << set->name;
    EXPECT_EQ(normalised(*set, {-kInfinity, kInfinity}, Shape::relu), (std::vector{0.F, kInfinity})) << set->name;
    EXPECT_EQ(normalised(*set, {-kInfinity, kInfinity}, Shape::relu6), (std::vector{0.F, 6.F})) << set->name;
    EXPECT_EQ(normalised(*set, {kInfinity}, Shape::hard_swish), (std::vector{kInfinity})) << set->name;
  }
}

}  // namespace
}  // namespace graft::train
