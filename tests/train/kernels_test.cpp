// Each instruction set's depthwise convolutions against plain loops in double: random shapes, NaN, and how the work is cut.
#include "kernels_test.h"

#include <algorithm>
#include <iterator>

namespace graft::train {
namespace {

std::string text_of(const Depthwise& d) {
  std::string text;
  for (const Size s : {d.images, d.height, d.width, d.channels, d.kernel, d.stride, d.pad_top, d.pad_left, d.out_height, d.out_width})
    text += (text.empty() ? "" : ", ") + std::to_string(s);
  return "(" + text + ")";
}

struct Side {
  Size pad, out;
};

/// Of a picture's side: SAME padding, or any on both ends that leaves room for the window.
Side random_side(Rng& rng, bool same, Size size, Size kernel, Size stride) {
  if (same) {
    const Size out = (size + stride - 1) / stride;
    return {std::max<Size>((out - 1) * stride + kernel - size, 0) / 2, out};
  }
  const auto pad = [&] { return static_cast<Size>(rng.below(static_cast<uint64_t>(kernel))); };
  for (;;) {
    const Size front = pad(), room = size + front + pad() - kernel;
    if (room >= 0) return {front, room / stride + 1};
    if (size + 2 * (kernel - 1) < kernel) ADD_FAILURE() << "no window fits";
  }
}

Depthwise random_depthwise(Rng& rng) {
  const auto upto = [&](uint64_t most) { return static_cast<Size>(rng.below(most)) + 1; };
  const Size channels[] = {1, 32, 64, upto(31), 32 + upto(40), 16 * upto(4)};
  Depthwise d{upto(6), upto(13), upto(19), channels[rng.below(std::size(channels))], upto(7), upto(2), 0, 0, 0, 0};
  const bool same = rng.below(3) == 0;
  const Side rows = random_side(rng, same, d.height, d.kernel, d.stride), columns = random_side(rng, same, d.width, d.kernel, d.stride);
  d.pad_top = rows.pad, d.out_height = rows.out, d.pad_left = columns.pad, d.out_width = columns.out;
  return d;
}

template <class X>
struct Tensors {
  std::vector<X> x, dy;
  std::vector<float> weight;

  Tensors(Rng& rng, const Depthwise& d)
      : x(random<X>(rng, d.images * d.height * d.width * d.channels)),
        dy(random<X>(rng, d.images * d.out_height * d.out_width * d.channels)),
        weight(random<float>(rng, d.kernel * d.kernel * d.channels)) {}
};

struct Naive {
  Sums y, dx, dw;
};

template <class X>
Naive naive(const Depthwise& d, const Tensors<X>& t) {
  const Size taps = d.kernel * d.kernel, c = d.channels;
  Naive n{Sums(static_cast<Size>(t.dy.size())), Sums(static_cast<Size>(t.x.size())), Sums(taps * c)};
  for (Size place = 0; place < d.images * d.out_height * d.out_width; ++place)
    for (Size tap = 0; tap < taps; ++tap) {
      const Size image = place / (d.out_height * d.out_width), row = place / d.out_width % d.out_height, column = place % d.out_width;
      const Size iy = row * d.stride - d.pad_top + tap / d.kernel, ix = column * d.stride - d.pad_left + tap % d.kernel;
      if (iy < 0 || iy >= d.height || ix < 0 || ix >= d.width) continue;
      const Size from = ((image * d.height + iy) * d.width + ix) * c, to = place * c;
      for (Size i = 0; i < c; ++i) {
        const double x = wide(t.x[at(from + i)]), dy = wide(t.dy[at(to + i)]), w = t.weight[at(tap * c + i)];
        n.y.add(to + i, x * w);
        n.dx.add(from + i, dy * w);
        n.dw.add(tap * c + i, x * dy);
      }
    }
  return n;
}

/// The three results of a set of kernels; the tasks in parts of `part`, the last part first.
template <class X>
struct Results {
  std::vector<X> y, dx;
  std::vector<float> partial;

  Results(const KernelsOf<X>& kernels, const Depthwise& d, const Tensors<X>& t, Size part)
      : y(blank<X>(static_cast<Size>(t.dy.size()))),
        dx(blank<X>(static_cast<Size>(t.x.size()))),
        partial(blank<float>(kImageGroups * d.kernel * d.kernel * d.channels)) {
    const Size blocks = channel_blocks(d), tasks = d.images * blocks;
    for (Size begin = (tasks - 1) / part * part; begin >= 0; begin -= part)
      kernels.depthwise_forward(d, {t.x.data()}, t.weight.data(), y.data(), nullptr, begin, std::min(begin + part, tasks));
    const Size groups = kImageGroups * blocks;
    for (Size begin = (groups - 1) / part * part; begin >= 0; begin -= part)
      kernels.depthwise_backward(d, {t.x.data()}, {t.dy.data()}, t.weight.data(), dx.data(), partial.data(), nullptr, begin,
                                 std::min(begin + part, groups));
  }

  std::vector<float> dw() const {
    const std::size_t count = partial.size() / at(kImageGroups);
    std::vector<float> sum(count);
    for (std::size_t i = 0; i < partial.size(); ++i) sum[i % count] += partial[i];
    return sum;
  }
};

template <class X>
void check_depthwise(const Depthwise& d, Rng& rng) {
  const Tensors<X> tensors(rng, d);
  const Naive want = naive(d, tensors);
  for (const Kernels* set : available_kernels()) {
    const std::string what = std::string(set->name) + (sizeof(X) == sizeof(float) ? " float32 " : " bf16 ") + text_of(d);
    const Results<X> whole(kernels_of<X>(*set), d, tensors, 1000000), pieces(kernels_of<X>(*set), d, tensors, 1);
    expect_near(whole.y, want.y, what + " forward");
    expect_near(whole.dx, want.dx, what + " input gradient");
    expect_near(whole.dw(), want.dw, what + " weight gradient");
    EXPECT_TRUE(same_bits(whole.y, pieces.y) && same_bits(whole.dx, pieces.dx) && same_bits(whole.partial, pieces.partial)) << what << " in pieces";
  }
}

TEST(Kernels, AreSortedFromTheBaselineUp) {
  EXPECT_STREQ(available_kernels().front()->name, "baseline");
  EXPECT_EQ(&kernels(), available_kernels().back());
}

TEST(Depthwise, IsTheSumOfItsWindowsForRandomShapes) {
  for (uint64_t i = 0; i < 200 && !testing::Test::HasFailure(); ++i) {
    Rng rng(5, i);
    const Depthwise d = random_depthwise(rng);
    check_depthwise<float>(d, rng);
    check_depthwise<Bf16>(d, rng);
  }
}

TEST(Depthwise, IsTheSumOfItsWindowsForEveryKernelStrideAndPadding) {
  Rng rng(6);
  for (Size kernel = 1; kernel <= 7; ++kernel)
    for (Size stride = 1; stride <= 2; ++stride)
      for (Size pad = 0; pad < kernel; ++pad)
        for (const Size side : {Size{1}, Size{2}, Size{8}}) {
          const Size room = side + 2 * pad - kernel;
          if (room < 0) continue;
          check_depthwise<float>({1, side, side, 3, kernel, stride, pad, pad, room / stride + 1, room / stride + 1}, rng);
          if (testing::Test::HasFailure()) return;
        }
}

/// One channel of a NaN: its windows, and no other, know it.
template <class X>
void check_nan_window(const KernelsOf<X>& kernels, const std::string& what) {
  const Depthwise d{2, 9, 9, 35, 5, 2, 2, 2, 5, 5};
  Rng rng(8);
  Tensors<X> t(rng, d);
  const Size iy = 3, ix = 4, channel = 33;
  t.x[at((iy * d.width + ix) * d.channels + channel)] = narrow<X>(kNan);
  const Results<X> got(kernels, d, t, 1000000);
  for (std::size_t i = 0; i < got.y.size(); ++i) {
    const Size place = static_cast<Size>(i) / d.channels, top = place / d.out_width * 2 - 2, left = place % d.out_width * 2 - 2;
    const bool inside = top <= iy && iy < top + 5 && left <= ix && ix < left + 5 && static_cast<Size>(i) % d.channels == channel;
    ASSERT_EQ(std::isnan(wide(got.y[i])), inside) << what << " element " << i;
  }
  const std::vector<float> dw = got.dw();
  for (std::size_t i = 0; i < dw.size(); ++i) {
    const Size tap = static_cast<Size>(i) / d.channels;  // windows begin at even places
    const bool seen = tap / 5 % 2 == iy % 2 && tap % 5 % 2 == ix % 2 && static_cast<Size>(i) % d.channels == channel;
    ASSERT_EQ(std::isnan(dw[i]), seen) << what << " weight " << i;
  }
}

TEST(Depthwise, LetsNanThroughToItsWindowsOnly) {
  for (const Kernels* set : available_kernels()) {
    check_nan_window<float>(set->single, set->name);
    check_nan_window<Bf16>(set->half, set->name);
  }
}

}  // namespace
}  // namespace graft::train
