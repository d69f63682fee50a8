// The operations of augmentation against torchvision's on PIL images and NumPy's pad(), 200 random cases each.
#include "graft/image/blur.h"
#include "graft/image/tone.h"
#include "image/augment_goldens.h"

namespace graft::image {
namespace {

nlohmann::json rows_of(const char* section) {
  nlohmann::json rows = augment_goldens("image/augment_goldens.json", section);
  EXPECT_EQ(rows.size(), 200U);
  return rows;
}

/// `change` makes of every input exactly what is written.
template <class Change>
void expect_all_same(const char* section, const Change& change) {
  for (const auto& row : rows_of(section)) {
    Image image = golden_input(row);
    change(image, row);
    expect_same(image.pixels, row);
  }
}

Corners corners_of(const nlohmann::json& list) {
  Corners corners;
  for (size_t i = 0; i < 4; ++i) corners[i] = {list.at(i).at(0), list.at(i).at(1)};
  return corners;
}

TEST(AugmentOperations, PerspectiveEqualsTorchvisionWithinOneLevel) {
  int values = 0, different = 0;
  for (const auto& row : rows_of("perspective")) {
    const Image image =
        perspective(golden_input(row), corners_of(row.at("start")), corners_of(row.at("end")), Border::constant, row.at("fill").get<Rgb>());
    different += expect_near(image.pixels, row);
    values += static_cast<int>(image.pixels.size());
  }
  EXPECT_LT(different, values / 20);
}

TEST(AugmentOperations, APerspectiveTakesCornersToCorners) {
  const Corners start{{{0, 0}, {20, 1}, {19, 15}, {2, 14}}}, end{{{3, 2}, {17, 4}, {16, 11}, {1, 12}}};
  const std::optional<Projection> map = perspective_map(start, end);
  ASSERT_TRUE(map);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(at(*map, end[i]).x, start[i].x, 1e-4);
    EXPECT_NEAR(at(*map, end[i]).y, start[i].y, 1e-4);
  }
  EXPECT_FALSE(perspective_map(start, {{{0, 0}, {5, 5}, {10, 10}, {0, 10}}})) << "three on a line";
  const Image image = ruled(5, 4, 1);
  EXPECT_EQ(perspective(image, start, {}, Border::edge).pixels, image.pixels);
}

TEST(AugmentOperations, TheHorizonIsVeryFar) {
  const Projection map{{1, 0, 0, 0, 1, 0}, -0.5, 0};
  EXPECT_EQ(depth(map, {4, 1}), -1);
  EXPECT_EQ(at(map, {4, 1}).x, -4);
  EXPECT_EQ(at(map, {2, 1}).x, 1 << 28);
  Image image{4, 4, std::vector<uint8_t>(48, 9)};
  std::vector<uint8_t> out(48);
  for (const Border border : {Border::edge, Border::reflect, Border::symmetric, Border::wrap}) {
    transform(image, map, 4, 4, border, {}, out);
    EXPECT_EQ(out, image.pixels);
  }
  transform(image, map, 4, 4, Border::constant, {1, 1, 1}, out);
  EXPECT_EQ(out[11], 1);
}

TEST(AugmentOperations, BordersEqualNumPy) {
  for (const auto& row : rows_of("pad")) {
    const auto sides = row.at("margins").get<std::array<int, 4>>();
    expect_same(pad(golden_input(row), {sides[0], sides[1], sides[2], sides[3]}, golden_border(row)).pixels, row);
  }
}

TEST(AugmentOperations, AffineGoesOnBeyondTheEdgesWithinOneLevel) {
  for (const auto& row : rows_of("affine")) {
    const Turn turn{row.at("angle"), row.at("translate").at(0), row.at("translate").at(1),
                    row.at("scale"), row.at("shear").at(0),     row.at("shear").at(1)};
    expect_near(affine(golden_input(row), turn, golden_border(row)).pixels, row);
  }
}

TEST(AugmentOperations, GaussianBlurEqualsTorchvisionWithinOneLevel) {
  int values = 0, different = 0;
  for (const auto& row : rows_of("gaussian_blur")) {
    Image image = golden_input(row);
    gaussian_blur(image.pixels, image.width, row.at("kernel"), row.at("sigma"));
    different += expect_near(image.pixels, row);
    values += static_cast<int>(image.pixels.size());
  }
  EXPECT_LT(different, values / 100);
}

TEST(AugmentOperations, ABlurOfASmallPictureReflectsItAsOftenAsNeeded) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 5}, {4, 1}, {2, 3}}) {
    Image image{width, height, std::vector<uint8_t>(static_cast<size_t>(width * height) * 3, 255)};
    gaussian_blur(image.pixels, width, 31, 5);
    EXPECT_EQ(image.pixels, std::vector<uint8_t>(image.pixels.size(), 255));
  }
}

TEST(AugmentOperations, TonesEqualTorchvision) {
  expect_all_same("adjust_sharpness", [](Image& image, const auto& row) { adjust_sharpness(image.pixels, image.width, row.at("value")); });
  expect_all_same("posterize", [](Image& image, const auto& row) { posterise(image.pixels, row.at("value")); });
  expect_all_same("solarize", [](Image& image, const auto& row) { solarise(image.pixels, row.at("value")); });
  expect_all_same("autocontrast", [](Image& image, const auto&) { autocontrast(image.pixels); });
  expect_all_same("equalize", [](Image& image, const auto&) { equalise(image.pixels); });
  expect_all_same("invert", [](Image& image, const auto&) { invert(image.pixels); });
  expect_all_same("to_grayscale", [](Image& image, const auto&) { make_grey(image.pixels); });
}

TEST(AugmentOperations, EraseEqualsTorchvision) {
  expect_all_same("erase", [](Image& image, const auto& row) {
    const auto box = row.at("box").template get<std::array<int, 4>>();
    erase(image.pixels, image.width, {box[0], box[1], box[2], box[3]}, row.at("fill").template get<Rgb>());
  });
}

TEST(AugmentOperations, NoBitsAreBlack) {
  Image image = ruled(4, 4, 2);
  posterise(image.pixels, 0);
  EXPECT_EQ(image.pixels, std::vector<uint8_t>(48, 0));
}

}  // namespace
}  // namespace graft::image
