// graft explain: pictures, numbers and words about where a model looks.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "explain/small_network.h"
#include "graft/image/decode.h"
#include "graft/image/jpeg_write.h"

namespace graft {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

image::Image picture(const std::filesystem::path& file) { return image::decode(read_file(file), file.string()); }

class Explain : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made_ = new TestFolder;
    make_photos(*made_ / "photos/train", {"across", "down"}, 8);
    for (const std::string name : {"across/0", "down/0", "down/1"})
      write_file(*made_ / "photos/val" / (name + ".bmp"), made_photo(name[0] == 'd', 50 + name.back()));
    write_file(*made_ / "broken/a.bmp", made_photo(0, 1));
    write_file(*made_ / "broken/b.jpg", "no picture");
    write_file(*made_ / "broken/c.bmp", made_photo(1, 2, 3, 2));
    std::filesystem::create_directories(*made_ / "empty");
    fit_ = run(*made_, {"fit", "photos", "--strategy", "head", "--size", "64", "--features", "last", "--precision", "float32", "--out", "run"});
  }
  static void TearDownTestSuite() {
    delete made_;
    made_ = nullptr;
  }
  void SetUp() override { ASSERT_EQ(fit_.exit_code, 0) << fit_.err; }
  static Finished graft(Words words) {
    words.insert(words.begin(), "explain");
    return run(*made_, words);
  }

  inline static TestFolder* made_ = nullptr;
  inline static Finished fit_;
};

TEST_F(Explain, APhotoInWordsAndAsAPicture) {
  const Finished done = graft({"run", "photos/val/down/0.bmp", "--out", "one.png", "--top", "2", "--raw"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("photos/val/down/0.bmp  down ")) << done.out;
  EXPECT_NE(done.out.find("\n  across: peak at "), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("\n  nearest training photos: photos/train/down/"), std::string::npos) << done.out;
  EXPECT_NE((done.out + done.err).find("what speaks against the class is not colored"), std::string::npos) << done.err;
  const image::Image drawn = picture(*made_ / "one.png");
  EXPECT_EQ(drawn.width, 8 + 3 * 104 + 21 + 8) << "photo, two maps, training photos";
  EXPECT_EQ(drawn.height, 80 + 8 + 3 * 8);
  const auto raw = read_file(*made_ / "one.npy");
  EXPECT_NE(as_text(raw).find("'<f4', 'fortran_order': False, 'shape': (2, 2, 2)"), std::string::npos);
  EXPECT_EQ(raw.size() % 64, 32U) << "8 values behind the header";
}

TEST_F(Explain, AnswersInJsonWithoutAPicture) {
  const json line = json::parse(graft({"run", "photos/val/down/1.bmp", "--json", "--label", "across,down"}).out);
  EXPECT_EQ(line["method"], "cam");
  EXPECT_EQ(line["predictions"][0]["label"], "down");
  ASSERT_EQ(line["maps"].size(), 2U);
  EXPECT_EQ(line["maps"][0]["label"], "across");
  EXPECT_EQ(line["maps"][1]["label"], "down");
  EXPECT_NEAR(line["maps"][1]["probability"].get<double>(), line["predictions"][0]["probability"].get<double>(), 1e-6);
  EXPECT_GT(line["maps"][1]["peak"]["across"], 0);
  ASSERT_EQ(line["nearest_training_photos"].size(), 3U);
  EXPECT_GE(line["nearest_training_photos"][0]["similarity"], line["nearest_training_photos"][1]["similarity"]);
  EXPECT_FALSE(line.contains("picture"));
}

TEST_F(Explain, EveryMethodSaysWhatPredictSays) {
  const json said = json::parse(run(*made_, {"predict", "run", "photos/val/down/1.bmp", "--json", "--precision", "float32"}).out);
  for (const char* method : {"cam", "reciprocam", "occlusion"}) {
    const Finished done = graft({"run", "photos/val/down/1.bmp", "--json", "--method", method, "--precision", "float32"});
    ASSERT_EQ(done.exit_code, 0) << done.err;
    const json line = json::parse(done.out);
    EXPECT_EQ(line["method"], method);
    EXPECT_NEAR(line["predictions"][0]["probability"].get<double>(), said["predictions"][0]["probability"].get<double>(), 1e-5) << method;
    EXPECT_EQ(line["predictions"][0]["label"], said["predictions"][0]["label"]) << method;
    EXPECT_EQ(line["nearest_training_photos"].size(), 3U) << method;
  }
}

TEST_F(Explain, AFolderOfPicturesNamedAfterThePhotos) {
  const Finished done = graft({"run", "photos/val", "--out", "maps", "--raw", "--quiet"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(done.err, "");
  EXPECT_EQ(listing(*made_ / "maps"), (Words{"across", "down"}));
  EXPECT_EQ(listing(*made_ / "maps/down"), (Words{"0.npy", "0.png", "1.npy", "1.png"}));
  expect_refused(graft({"run", "photos/val", "--out", "maps", "--quiet"}), 1,
                 "maps/across/0.png: already exists; choose another --out or pass --force");
  EXPECT_EQ(graft({"run", "photos/val", "--out", "maps", "--quiet", "--force"}).exit_code, 0);
}

TEST_F(Explain, APictureOfAllPhotos) {
  const Finished done = graft({"run", "photos/val", "--out", "sheet.png", "--json"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  const image::Image sheet = picture(*made_ / "sheet.png");
  EXPECT_EQ(sheet.height, 3 * (240 + 8 + 3 * 8));
  EXPECT_EQ(json::parse(done.out.substr(0, done.out.find('\n')))["picture"], "sheet.png");
  expect_refused(graft({"run", "photos/val", "--out", "other.png", "--raw"}), 2,
                 "--raw: several photos have several maps; give --out a folder: --out maps/");
}

TEST_F(Explain, APhotoThatCannotBeReadIsNamedAndTheOthersAreDone) {
  const Finished done = graft({"run", "broken", "--out", "rest"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_NE(done.err.find("graft: broken/b.jpg: "), std::string::npos) << done.err;
  EXPECT_NE(done.out.find("broken/a.bmp  "), std::string::npos) << done.out;
  EXPECT_NE(done.out.find("broken/c.bmp  "), std::string::npos) << "a photo of 3 x 2 pixels";
  EXPECT_EQ(listing(*made_ / "rest"), (Words{"a.png", "c.png"}));
}

TEST_F(Explain, RefusesWhatItCannotDoBeforeTheWork) {
  expect_refused(graft({"run", "photos/val", "--label", "acros"}), 2,
                 "--label acros: the model has no class 'acros', expected one of 'across', 'down'; did you mean across?");
  expect_refused(graft({"run", "photos/val", "--label", "down", "--top", "2"}), 2, "--top: cannot be combined with --label; choose one");
  EXPECT_NE(graft({"run", "photos/val", "--method", "rollout"}).err.find(": it has no attention to roll out; these can: cam, reciprocam, occlusion"),
            std::string::npos);
  expect_refused(graft({"nowhere", "photos/val"}), 1, "nowhere: no such run folder or model.onnx; train one with `graft fit PHOTOS`");
  EXPECT_EQ(graft({"photos/val/down/0.bmp", "photos/val"}).exit_code, 1) << "not a model";
  EXPECT_EQ(graft({"run", "empty"}).exit_code, 1) << "no photos";
  expect_refused(graft({"run", "photos/val", "--raw"}), 2, "--raw: needs a folder to write into; for instance --out maps/");
  expect_refused(graft({"run", "photos/val", "--out", "run/model.onnx"}), 1,
                 "run/model.onnx: is a file, expected a folder, or a name that ends in .png; choose another --out");
  write_file(*made_ / "own/0.png", read_file(std::filesystem::path(GRAFT_TESTS) / "image/fixtures/exif6.png"));
  expect_refused(graft({"run", "own/0.png", "--out", "own", "--force"}), 1, "own/0.png: is one of the photos; choose another --out");
}

/// A JPEG as a camera that was turned stores it: EXIF says that it is to be turned by a quarter, clockwise.
std::string turned_jpeg(const image::Image& upright) {
  image::Image stored{upright.height, upright.width, std::vector<uint8_t>(upright.pixels.size())};
  for (int y = 0; y < upright.height; ++y)
    for (int x = 0; x < upright.width; ++x)
      for (int c = 0; c < 3; ++c)
        stored.pixels[static_cast<std::size_t>(((upright.width - 1 - x) * stored.width + y) * 3 + c)] =
            upright.pixels[static_cast<std::size_t>((y * upright.width + x) * 3 + c)];
  const std::string exif("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0", 32);
  std::string jpeg = image::encode_jpeg(stored, 95);
  return jpeg.substr(0, 2) + "\xff\xe1" + std::string{'\0', static_cast<char>(exif.size() + 2)} + exif + jpeg.substr(2);
}

TEST(ExplainTurned, ThePeakIsWhereThePhotoShowsIt) {
  const TestFolder folder;
  explain::written(folder.path(), explain::of_one_patch());
  image::Image upright{64, 96, std::vector<uint8_t>(std::size_t{64} * 96 * 3, 255)};
  for (int y = 0; y < 96; ++y)
    for (int x = 0; x < 64; ++x)
      for (int c = 1; c < 3; ++c) upright.pixels[static_cast<std::size_t>((y * 64 + x) * 3 + c)] = static_cast<uint8_t>(120 + y);
  write_file(folder / "turned.jpg", turned_jpeg(upright));
  for (const char* method : {"cam", "occlusion"}) {
    const Finished done = run(
        folder, {"explain", "model.onnx", "turned.jpg", "--label", "class 0", "--method", method, "--json", "--out", std::string(method) + ".png"});
    ASSERT_EQ(done.exit_code, 0) << done.err;
    const json peak = json::parse(done.out)["maps"][0]["peak"];
    EXPECT_NEAR(peak["across"].get<double>(), 20 / 32.0, 4 / 32.0) << method;
    EXPECT_NEAR(peak["down"].get<double>(), 44 / 48.0, 4 / 48.0) << method;
    const image::Image drawn = picture(folder / (std::string(method) + ".png"));
    EXPECT_EQ(drawn.width, 8 + 2 * 72) << "two upright pictures";
    EXPECT_EQ(drawn.height, 96 + 8 + 3 * 8);
    const auto blue = [&](int x, int y) { return drawn.pixels[static_cast<std::size_t>(((8 + y) * drawn.width + 80 + x) * 3 + 2)]; };
    EXPECT_LT(blue(40, 88), 140) << method << ": yellow at the peak";
    EXPECT_GT(blue(8, 8), 150) << method << ": gray elsewhere";
  }
}

}  // namespace
}  // namespace graft
