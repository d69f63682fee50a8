#include "graft/image/resize.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <cmath>
#include <cstdlib>

#include "graft/image/resample.h"
#include "graft/image/windows.h"
#include "image/fixtures.h"

namespace graft::image {
namespace {

Image input_of(const nlohmann::json& row) { return ruled(row.at("in").at(0), row.at("in").at(1), row.at("seed").get<uint64_t>()); }

TEST(Resize, EqualsPillow) {
  const nlohmann::json rows = goldens("resize");
  EXPECT_EQ(rows.size(), 54u);
  for (const auto& row : rows) {
    const Image result = resize(input_of(row), row.at("out").at(0), row.at("out").at(1), filter_of(row));
    EXPECT_EQ(digest(result.pixels), row.at("sha256").get<std::string>()) << row.dump();
  }
}

TEST(ResizeCrop, EqualsTorchvision) {
  const nlohmann::json rows = goldens("resize_crop");
  EXPECT_EQ(rows.size(), 44u);
  for (const auto& row : rows) {
    const auto crop = row.at("crop").get<size_t>();
    std::vector<uint8_t> out(crop * crop * 3, 77);
    resize_crop(input_of(row), row.at("shorter").get<int>(), row.at("crop").get<int>(), filter_of(row), out);
    EXPECT_EQ(digest(out), row.at("sha256").get<std::string>()) << row.dump();
  }
}

TEST(ResizeCrop, OfAVeryLongImageComputesOnlyTheCrop) {
  const Image image = ruled(100'000, 1, 5);  // Resize(256) would make 25,600,000 x 256 of it
  std::vector<uint8_t> out(8 * 8 * 3);
  resize_crop(image, 256, 8, Filter::bilinear, out);
  // All eight columns lie between inputs 49,999 and 50,000; the rows are equal.
  const std::array<uint8_t, 3> left{image.pixels[3 * 49'999], image.pixels[3 * 49'999 + 1], image.pixels[3 * 49'999 + 2]};
  for (size_t c = 0; c < 3; ++c) EXPECT_LE(std::abs(int(out[c]) - (left[c] + image.pixels[3 * 50'000 + c]) / 2), 5);
  for (size_t y = 1; y < 8; ++y) EXPECT_TRUE(std::equal(out.begin(), out.begin() + 24, out.begin() + static_cast<ptrdiff_t>(24 * y)));
}

TEST(Windows, WeightsSumToOne) {
  EXPECT_TRUE(rc::check("each window's weights make 2^22, up to their rounding", [] {
    const int in = *rc::gen::inRange(1, 600), out = *rc::gen::inRange(1, 600);
    const Windows windows(in, out, 0, out, *rc::gen::element(Filter::bilinear, Filter::bicubic));
    RC_ASSERT(windows.taps() % 2 == 0);
    const Weights weights = windows.weights();
    for (int i = 0; i < out; ++i) {
      int64_t sum = 0;
      for (int k = 0; k < weights.taps * 2; ++k) sum += int64_t{weights.halves[i * weights.taps * 2 + k]} << (k % 4 >= 2 ? kLowBits : 0);
      RC_ASSERT(std::abs(sum - (1 << kPrecision)) <= weights.taps);
      RC_ASSERT(windows.first(i) >= 0 && windows.first(i) < in);
    }
  }));
}

// The AVX2 loops against the plain ones. On a processor without AVX2 both are the plain ones.
TEST(Resampler, FastestEqualsPlain) {
  EXPECT_TRUE(rc::check("same bits", [] {
    const int in = *rc::gen::inRange(1, 300), out = *rc::gen::inRange(1, 300);
    const Windows windows(in, out, 0, out, *rc::gen::element(Filter::bilinear, Filter::bicubic));
    const Weights weights = windows.weights();
    const size_t reach = static_cast<size_t>(windows.first(out - 1)) * 3 + reach_across(windows.taps()), size = static_cast<size_t>(out) * 3;
    const Image noise = ruled(static_cast<int>(reach), 4, *rc::gen::inRange<uint64_t>(0, 1000));  // 3 x reach bytes a row: enough
    const auto row = [&](size_t y) { return noise.pixels.data() + y * reach; };
    const uint8_t* rows[4] = {row(0), row(1), row(2), row(3)};
    std::vector<uint8_t> fast(4 * size), plain(4 * size);
    uint8_t* to_fast[4] = {&fast[0], &fast[size], &fast[2 * size], &fast[3 * size]};
    uint8_t* to_plain[4] = {&plain[0], &plain[size], &plain[2 * size], &plain[3 * size]};
    resampler().across(rows, to_fast, weights);
    kScalarResampler.across(rows, to_plain, weights);
    RC_ASSERT(fast == plain);

    const size_t bytes = *rc::gen::inRange<size_t>(1, reach);
    std::vector<const uint8_t*> taps;
    for (size_t k = 0; k < static_cast<size_t>(windows.taps()); ++k) taps.push_back(row(k % 12));
    std::vector<uint8_t> down_fast(bytes), down_plain(bytes);
    const int index = *rc::gen::inRange(0, out);
    resampler().down(taps.data(), down_fast.data(), bytes, weights, index);
    kScalarResampler.down(taps.data(), down_plain.data(), bytes, weights, index);
    RC_ASSERT(down_fast == down_plain);
  }));
}

TEST(ResizeCrop, IsACropOfResize) {
  EXPECT_TRUE(rc::check("what the crop keeps is what a full resize has there", [] {
    const int width = *rc::gen::inRange(1, 120), height = *rc::gen::inRange(1, 120), shorter = *rc::gen::inRange(1, 60);
    const int crop = *rc::gen::inRange(1, shorter + 1);
    const Filter filter = *rc::gen::element(Filter::bilinear, Filter::bicubic);
    const Image image = ruled(width, height, 9);
    const int to_width = width <= height ? shorter : shorter * width / height, to_height = width <= height ? shorter * height / width : shorter;
    const Image whole = resize(image, to_width, to_height, filter);
    const auto offset = [&](int size) { return static_cast<size_t>(std::nearbyint((size - crop) / 2.0)); };  // half to even
    const auto side = static_cast<size_t>(crop);
    std::vector<uint8_t> out(side * side * 3), expected(side * side * 3);
    resize_crop(image, shorter, crop, filter, out);
    for (size_t y = 0; y < side; ++y)
      std::copy_n(&whole.pixels[((y + offset(to_height)) * static_cast<size_t>(to_width) + offset(to_width)) * 3], side * 3, &expected[y * side * 3]);
    RC_ASSERT(out == expected);
  }));
}

}  // namespace
}  // namespace graft::image
