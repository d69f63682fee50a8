#include "graft/image/transform.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "graft/image/colour.h"
#include "image/fixtures.h"

namespace graft::image {
namespace {

nlohmann::json transform_goldens(const char* section) {
  return nlohmann::json::parse(as_text(read_file(fixture_folder().parent_path() / "transform_goldens.json"))).at(section);
}

Image input_of(const nlohmann::json& row) { return ruled(row.at("in").at(0), row.at("in").at(1), row.at("seed").get<uint64_t>()); }

Border border_of(const nlohmann::json& row) {
  return row.at("border") == "constant" ? Border::constant : row.at("border") == "edge" ? Border::edge : Border::reflect;
}

std::vector<uint8_t> bytes_of(const std::string& hexadecimal) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < hexadecimal.size(); i += 2) bytes.push_back(static_cast<uint8_t>(std::stoi(hexadecimal.substr(i, 2), nullptr, 16)));
  return bytes;
}

struct Difference {
  int largest = 0, values = 0;
};

Difference difference(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  Difference result;
  EXPECT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    result.largest = std::max(result.largest, std::abs(a[i] - b[i]));
    result.values += a[i] != b[i];
  }
  return result;
}

TEST(Transform, CutsAndFlipsEqualTorchvision) {
  const nlohmann::json rows = transform_goldens("resize_part");
  EXPECT_EQ(rows.size(), 60u);
  for (const auto& row : rows) {
    const auto box = row.at("box").get<std::array<int, 4>>(), window = row.at("window").get<std::array<int, 4>>();
    const Part part{{box[0], box[1], box[2], box[3]},
                    row.at("size").at(0),
                    row.at("size").at(1),
                    window[0],
                    window[1],
                    window[2],
                    window[3],
                    row.at("mirrored"),
                    row.at("upside_down")};
    std::vector<uint8_t> out(static_cast<size_t>(window[2] * window[3]) * 3);
    resize_part(input_of(row), part, filter_of(row), out);
    EXPECT_EQ(digest(out), row.at("sha256")) << row;
  }
}

TEST(Transform, BordersEqualTorchvision) {
  const nlohmann::json rows = transform_goldens("pad");
  EXPECT_EQ(rows.size(), 30u);
  for (const auto& row : rows) {
    const auto sides = row.at("margins").get<std::array<int, 4>>();
    const Image image = pad(input_of(row), {sides[0], sides[1], sides[2], sides[3]}, border_of(row), row.at("fill").get<Rgb>());
    EXPECT_EQ(image.width, row.at("in").at(0).get<int>() + sides[0] + sides[2]);
    EXPECT_EQ(digest(image.pixels), row.at("sha256")) << row;
  }
}

TEST(Transform, AffineEqualsTorchvisionWithinOneLevel) {
  const nlohmann::json rows = transform_goldens("affine");
  EXPECT_EQ(rows.size(), 60u);
  int values = 0, different = 0;
  for (const auto& row : rows) {
    const Turn turn{row.at("angle"), row.at("translate").at(0), row.at("translate").at(1),
                    row.at("scale"), row.at("shear").at(0),     row.at("shear").at(1)};
    const Image image = affine(input_of(row), turn, border_of(row), row.at("fill").get<Rgb>());
    const Difference from = difference(image.pixels, bytes_of(row.at("rgb")));
    EXPECT_LE(from.largest, 1) << row;
    values += static_cast<int>(image.pixels.size());
    different += from.values;
  }
  EXPECT_LT(different, values / 20) << "cut off like Pillow, not rounded";
}

TEST(Transform, BorderIndexRepeatsAsOftenAsNeeded) {
  const auto indices = [](Border border, int64_t size) {
    std::vector<int64_t> list;
    for (int64_t i = -5; i < size + 5; ++i) list.push_back(border_index(i, size, border));
    return list;
  };
  EXPECT_EQ(indices(Border::reflect, 3), (std::vector<int64_t>{1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1}));
  EXPECT_EQ(indices(Border::edge, 3), (std::vector<int64_t>{0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2}));
  EXPECT_EQ(indices(Border::constant, 2), (std::vector<int64_t>{-1, -1, -1, -1, -1, 0, 1, -1, -1, -1, -1, -1}));
  EXPECT_EQ(indices(Border::reflect, 1), std::vector<int64_t>(11, 0));
  EXPECT_EQ(indices(Border::symmetric, 3), (std::vector<int64_t>{1, 2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1}));
  EXPECT_EQ(indices(Border::wrap, 3), (std::vector<int64_t>{1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1}));
  EXPECT_EQ(indices(Border::symmetric, 1), std::vector<int64_t>(11, 0));
  EXPECT_EQ(indices(Border::wrap, 1), std::vector<int64_t>(11, 0));
}

TEST(Transform, FlipsTwiceIsTheSame) {
  for (const auto& [width, height] : {std::pair{1, 1}, {1, 6}, {7, 1}, {6, 5}, {5, 6}}) {
    const Image image = ruled(width, height, 9);
    Image flipped = image;
    flip_horizontal(flipped.pixels, width);
    for (size_t c = 0; c < 3; ++c) EXPECT_EQ(flipped.pixels[c], image.pixels[static_cast<size_t>(width - 1) * 3 + c]);
    flip_vertical(flipped.pixels, width);
    for (size_t c = 0; c < 3; ++c) EXPECT_EQ(flipped.pixels[c], image.pixels[static_cast<size_t>(width * height - 1) * 3 + c]);
    flip_horizontal(flipped.pixels, width);
    flip_vertical(flipped.pixels, width);
    EXPECT_EQ(flipped.pixels, image.pixels);
  }
}

ColourJitter colours_of(const nlohmann::json& row) {
  ColourJitter colours{row.at("brightness"), row.at("contrast"), row.at("saturation"), row.at("hue")};
  for (size_t i = 0; i < 4; ++i) colours.order[i] = static_cast<Colour>(row.at("order").at(i).get<int>());
  return colours;
}

TEST(Colour, JitterEqualsTorchvision) {
  const nlohmann::json rows = transform_goldens("jitter");
  EXPECT_EQ(rows.size(), 50u);
  for (const auto& row : rows) {
    Image image = input_of(row);
    jitter(image.pixels, colours_of(row));
    EXPECT_EQ(digest(image.pixels), row.at("sha256")) << row;
  }
}

TEST(Colour, NothingAskedChangesNothing) {
  Image image = ruled(9, 7, 3);
  const std::vector<uint8_t> before = image.pixels;
  jitter(image.pixels, {});
  EXPECT_EQ(image.pixels, before);
  jitter(std::span<uint8_t>{}, {.contrast = 2});
}

}  // namespace
}  // namespace graft::image
