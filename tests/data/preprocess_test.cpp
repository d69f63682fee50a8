#include "graft/data/preprocess.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "error_text.h"
#include "image/fixtures.h"

namespace graft::data {
namespace {

using Json = nlohmann::json;

TEST(Preprocess, JsonIsReadableAndComesBack) {
  EXPECT_EQ(to_json(Preprocess{}).dump(),
            R"({"background":"none","crop":224,"depth":16,"filter":"bilinear","mean":[0.485,0.456,0.406],"resize":256,"std":[0.229,0.224,0.225]})");
  EXPECT_TRUE(rc::check("any value survives", [] {
    const auto number = [] { return static_cast<float>(*rc::gen::inRange(1, 1 << 30)) / static_cast<float>(1 << 29); };
    const Preprocess wanted{*rc::gen::inRange(1, 8193),
                            {*rc::gen::inRange(1, 8193), *rc::gen::inRange(1, 8193)},
                            image::Filter::bicubic,
                            {number(), -number(), number()},
                            {number(), number(), number()},
                            false,
                            *rc::gen::element(image::Background::none, image::Background::white, image::Background::black),
                            *rc::gen::inRange(8, 17)};
    RC_ASSERT(preprocess_from_json(Json::parse(to_json(wanted).dump()), "m") == wanted);
  }));
}

std::string error_with(const char* key, const Json& value) {
  Json json = to_json(Preprocess{});
  json[key] = value;
  return test::error_of([&] { preprocess_from_json(json, "model.onnx"); });
}

TEST(Preprocess, JsonErrors) {
  EXPECT_EQ(error_with("resize", 0), "data: model.onnx: preprocessing 'resize' is 0, expected a whole number from 1 to 8192");
  EXPECT_EQ(error_with("crop", 8193), "data: model.onnx: preprocessing 'crop' is 8193, expected a whole number from 1 to 8192");
  EXPECT_EQ(error_with("crop", 224.5), "data: model.onnx: preprocessing 'crop' is 224.5, expected a whole number from 1 to 8192");
  EXPECT_EQ(error_with("crop", 1e30), "data: model.onnx: preprocessing 'crop' is 1e+30, expected a whole number from 1 to 8192");
  EXPECT_EQ(error_with("resize", 18446744073709551615U),
            "data: model.onnx: preprocessing 'resize' is 18446744073709551615, expected a whole number from 1 to 8192");
  for (const char* crop : {"[256]", "[256,128,3]", "[256,0]", "[256,8193]", "[256,\"128\"]", "[]"})
    EXPECT_EQ(error_with("crop", Json::parse(crop)),
              std::string("data: model.onnx: preprocessing 'crop' is ") + crop + ", expected height and width, whole numbers from 1 to 8192");
  EXPECT_EQ(error_with("filter", "nearest"), "data: model.onnx: preprocessing 'filter' is \"nearest\", expected \"bilinear\" or \"bicubic\"");
  EXPECT_EQ(error_with("mean", {0.5, 0.5}), "data: model.onnx: preprocessing 'mean' is [0.5,0.5], expected three numbers, or one for gray pictures");
  EXPECT_EQ(error_with("mean", {0.5, 0.5, "x"}),
            "data: model.onnx: preprocessing 'mean' is [0.5,0.5,\"x\"], expected three numbers, or one for gray pictures");
  EXPECT_EQ(error_with("mean", {0.5, 0.5, 1e300}),
            "data: model.onnx: preprocessing 'mean' is [0.5,0.5,1e+300], expected three numbers, or one for gray pictures");
  EXPECT_EQ(error_with("std", {0.5, 0.5, 0}),
            "data: model.onnx: preprocessing 'std' is [0.5,0.5,0], expected three numbers above 0, or one for gray pictures");
  EXPECT_EQ(error_with("background", "grey"), "data: model.onnx: preprocessing 'background' is \"grey\", expected \"none\", \"white\" or \"black\"");
  EXPECT_EQ(error_with("depth", 7), "data: model.onnx: preprocessing 'depth' is 7, expected a whole number from 8 to 16");
  EXPECT_EQ(error_with("mode", 1), "data: model.onnx: preprocessing has an unknown key 'mode'");
  Json json = to_json(Preprocess{});
  json.erase("std");
  EXPECT_EQ(test::error_of([&] { preprocess_from_json(json, "model.onnx"); }), "data: model.onnx: preprocessing lacks 'std'");
  EXPECT_EQ(test::error_of([&] { preprocess_from_json(Json::array(), "model.onnx"); }), "data: model.onnx: preprocessing is not a JSON object");
}

// They were trained when there was no choice: transparency stood before white, and 16 bits were 16.
TEST(Preprocess, ModelsFromBeforeTheChoiceKeepTheirPixels) {
  Json json = to_json(Preprocess{});
  json.erase("background");
  json.erase("depth");
  const Preprocess old = preprocess_from_json(json, "m");
  EXPECT_EQ(old.background, image::Background::white);
  EXPECT_EQ(old.depth, 16);
}

TEST(Preprocess, GreyIsOneNumberOfMeanAndDeviation) {
  Json json = to_json(Preprocess{});
  json["mean"] = {0.5};
  json["std"] = {0.25};
  const Preprocess grey = preprocess_from_json(json, "m");
  EXPECT_TRUE(grey.grey);
  EXPECT_EQ(grey.mean[2], 0.5F);
  EXPECT_EQ(to_json(grey), json);
  EXPECT_EQ(error_with("std", {0.5}), "data: model.onnx: preprocessing 'std' is [0.5], expected three numbers above 0, or one for gray pictures")
      << "as many as the mean has";
}

TEST(Preprocess, GreyIsPillowsLuma) {
  const image::Image image{2, 2, {255, 0, 0, 0, 255, 0, 0, 0, 255, 7, 7, 7}};  // convert("L") of Pillow 13 gives 76, 150, 29, 7
  Preprocess preprocess{.resize = 2, .crop = 2, .grey = true};
  std::vector<uint8_t> row(preprocess.row_bytes());
  preprocess(image, row);
  EXPECT_EQ(row, (std::vector<uint8_t>{76, 150, 29, 7}));
}

TEST(Preprocess, CutsTheCentre) {
  image::Image image{8, 4, std::vector<uint8_t>(8 * 4 * 3, 9)};  // a white band of 4 columns in the middle of 8
  for (std::size_t y = 0; y < 4; ++y)
    for (std::size_t x = 2 * 3; x < 6 * 3; ++x) image.pixels[y * 8 * 3 + x] = 255;
  Preprocess preprocess;
  preprocess.resize = 4, preprocess.crop = 4;
  ASSERT_EQ(preprocess.row_bytes(), 48U);
  std::vector<uint8_t> row(48);
  preprocess(image, row);
  EXPECT_EQ(row, std::vector<uint8_t>(48, 255));
}

TEST(Preprocess, APictureThatIsNoSquareIsHeightAndWidth) {
  const Preprocess upright = sized({}, Size(256, 128), {});
  EXPECT_EQ(to_json(upright)["crop"].dump(), "[256,128]");
  EXPECT_EQ(upright.resize, 146) << "128 * 256 / 224";
  EXPECT_EQ(upright.cover(), Size(292, 146));
  EXPECT_EQ(sized({}, Size(128, 256), 128).cover(), Size(128, 256));
  EXPECT_EQ(upright.row_bytes(), 256U * 128 * 3);
  EXPECT_EQ(test::error_of([] { sized({}, Size(256, 128), 127); }), "usage: --resize 127: expected at least the shorter side of --size, 128");
  EXPECT_EQ(test::error_of([] { sized({}, 128, 127); }), "usage: --resize 127: expected at least --size, 128");
}

/// Resized in its own proportions until it covers the picture, then cut: nothing is squeezed, and nothing is left blank.
TEST(Preprocess, PhotosOfAnyShapeCoverThePicture) {
  EXPECT_TRUE(rc::check("a window of the resized photo", [] {
    const image::Image photo = image::ruled(*rc::gen::inRange(1, 60), *rc::gen::inRange(1, 60), 3);
    Preprocess preprocess{.crop = {*rc::gen::inRange(1, 30), *rc::gen::inRange(1, 30)}};
    const auto [height, width] = preprocess.crop;
    preprocess.resize = preprocess.crop.shorter() + *rc::gen::inRange(0, 9);
    const auto [across, down] = image::covering(photo.width, photo.height, preprocess.cover());
    RC_ASSERT(across >= width && down >= height);
    RC_ASSERT(across == preprocess.cover().width || down == preprocess.cover().height);
    const image::Image whole = image::resize(photo, static_cast<int>(across), static_cast<int>(down), preprocess.filter);
    const auto offset = [](int64_t size, int crop) { return static_cast<std::size_t>(std::nearbyint(static_cast<double>(size - crop) / 2)); };
    std::vector<uint8_t> row(preprocess.row_bytes()), expected;
    preprocess(photo, row);
    for (std::size_t y = offset(down, height), end = y + static_cast<std::size_t>(height); y < end; ++y) {
      const auto line = whole.pixels.begin() + static_cast<std::ptrdiff_t>((y * static_cast<std::size_t>(across) + offset(across, width)) * 3);
      expected.insert(expected.end(), line, line + width * 3);
    }
    RC_ASSERT(row == expected);
  }));
}

TEST(Preprocess, CornersAndMirrorImagesAreThoseOfTheResizedPhoto) {
  const image::Image photo = image::ruled(37, 23, 5);
  const Preprocess preprocess{.resize = 16, .crop = 11};
  const image::Image resized = image::resize(photo, 25, 16, preprocess.filter);  // floor(16 * 37 / 23)
  const auto expected = [&](const image::CropAt& at) {
    const int x = at.across < 0 ? 0 : at.across > 0 ? 14 : 7, y = at.down < 0 ? 0 : at.down > 0 ? 5 : 2;
    std::vector<uint8_t> row;
    for (int i = 0; i < 11; ++i)
      for (int j = 0; j < 11; ++j) {
        const int column = x + (at.mirrored ? 10 - j : j);
        for (int c = 0; c < 3; ++c) row.push_back(resized.pixels[static_cast<std::size_t>(((y + i) * 25 + column) * 3 + c)]);
      }
    return row;
  };
  const std::vector<image::CropAt> crops = crops_of(TestViews::ten);
  ASSERT_EQ(crops.size(), 10U);
  for (const image::CropAt& at : crops) {
    std::vector<uint8_t> row(preprocess.row_bytes());
    preprocess(photo, row, at);
    EXPECT_EQ(row, expected(at)) << at.across << " " << at.down << " " << at.mirrored;
  }
  EXPECT_EQ(crops_of(TestViews::one), (std::vector<image::CropAt>{{}}));
  EXPECT_EQ(crops_of(TestViews::mirror), (std::vector<image::CropAt>{{}, {0, 0, true}}));
  EXPECT_EQ(crops_of(TestViews::five).size(), 5U);
}

}  // namespace
}  // namespace graft::data
