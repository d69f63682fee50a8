// What is taken of pictures whose files leave a choice: transparency, 16 bits that are 12, formats of other libraries. Each made a wrong model or none.
#include <gtest/gtest.h>

#include <zlib.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "graft/onnx/read.h"

namespace graft {
namespace {

using nlohmann::json;

constexpr int kSide = 64;

/// Whether the stripes of a kind are bright there; they are jittered by the number of the picture.
bool bright(int kind, int number, int x, int y) { return ((kind == 0 ? x : y) + 3 * number) / 6 % 2 == 0; }

std::string little(uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 255);
  return text;
}

/// 32 bits with an alpha mask, as image editors write them.
std::string bmp32(int kind, int number, bool icon) {
  std::string rows;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      const char value = bright(kind, number, x, y) ? '\xff' : '\0';
      rows.append(3, value);  // blue, green, red
      rows += icon ? value : '\0';
    }
  const std::string masks = little(0xff0000, 4) + little(0xff00, 4) + little(0xff, 4) + little(0xff000000, 4);
  const std::string header =
      little(124, 4) + little(kSide, 4) + little(kSide, 4) + little(1, 2) + little(32, 2) + little(3, 4) + std::string(20, '\0');
  return "BM" + little(0, 4) + little(0, 4) + little(138, 4) + header + masks + std::string(124 - header.size() - masks.size(), '\0') + rows;
}

/// Grey in 16 bits, of which 12 are used.
std::string png12(int kind, int number) {
  std::string rows;
  for (int y = 0; y < kSide; ++y) {
    rows += '\0';
    for (int x = 0; x < kSide; ++x) rows += bright(kind, number, x, y) ? "\x0f\xff" : std::string("\x01\x00", 2);
  }
  const auto big = [](uint32_t value) {
    std::string text = little(value, 4);
    return std::string(text.rbegin(), text.rend());
  };
  const auto chunk = [&](const std::string& kind_and_data) {
    const auto sum = crc32(0, reinterpret_cast<const Bytef*>(kind_and_data.data()), static_cast<uInt>(kind_and_data.size()));
    return big(static_cast<uint32_t>(kind_and_data.size() - 4)) + kind_and_data + big(static_cast<uint32_t>(sum));
  };
  std::string packed(compressBound(static_cast<uLong>(rows.size())), '\0');
  uLongf size = static_cast<uLongf>(packed.size());
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()), static_cast<uLong>(rows.size()));
  packed.resize(size);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR" + big(kSide) + big(kSide) + std::string("\x10\0\0\0\0", 5)) + chunk("IDAT" + packed) + chunk("IEND");
}

class Pixels : public testing::Test {
 protected:
  template <class Make>
  void make(const std::string& ending, Make&& picture) {
    for (int kind = 0; kind < 2; ++kind)
      for (int i = 0; i < 10; ++i) write_file(folder_ / "photos" / (kind == 0 ? "across" : "down") / (std::to_string(i) + ending), picture(kind, i));
  }

  /// stderr of a training; its result is in result_.
  std::string fit(std::vector<std::string> more = {}) {
    std::vector<std::string> words{"fit", "photos", "--json", "--strategy", "head", "--size", "64", "--precision", "float32", "--out", "run"};
    words.insert(words.end(), more.begin(), more.end());
    std::filesystem::remove_all(folder_ / "run");
    const Finished done = run(folder_, words);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    result_ = json::parse(done.out);
    return done.err;
  }

  json preprocess() {
    const auto bytes = read_file(folder_ / "run" / "model.onnx");
    return json::parse(onnx::read_header(bytes, "model.onnx").metadata.at("graft.preprocess"));
  }

  TestFolder folder_;
  json result_;
};

TEST_F(Pixels, WhiteIconsOnTransparentBlackAreSeen) {
  make(".bmp", [](int kind, int i) { return bmp32(kind, i, true); });
  const std::string notes = fit();
  EXPECT_EQ(result_["evaluation"]["accuracy"], 1.0);
  EXPECT_NE(
      notes.find("16 of 16 pictures looked at have transparency, which is left out, as Pillow's convert(\"RGB\") does; --background white or black"),
      std::string::npos)
      << notes;
  EXPECT_EQ(preprocess()["background"], "none");

  const std::string white = fit({"--background", "white"});
  EXPECT_EQ(result_["evaluation"]["accuracy"], 0.5);
  EXPECT_NE(white.find("16 of 16 pictures looked at have transparency, and 16 of them come out in one color before this background"),
            std::string::npos)
      << white;
  EXPECT_EQ(preprocess()["background"], "white");
}

TEST_F(Pixels, BmpWhoseAlphaIsAllZeroIsThePhotoBeforeAnything) {
  make(".bmp", [](int kind, int i) { return bmp32(kind, i, false); });
  const std::string notes = fit({"--background", "white"});
  EXPECT_EQ(result_["evaluation"]["accuracy"], 1.0);
  EXPECT_EQ(notes.find("transparency"), std::string::npos) << notes;
}

TEST_F(Pixels, TwelveBitsInSixteenAreTakenAsTwelve) {
  make(".png", png12);
  const std::string notes = fit();
  EXPECT_EQ(result_["evaluation"]["accuracy"], 1.0);
  EXPECT_NE(notes.find("16-bit pictures use values up to 4,095 of 65,535 (seen in 16): taken as 12 bits"), std::string::npos) << notes;
  EXPECT_EQ(preprocess()["depth"], 12);
  const Finished predicted = run(folder_, {"predict", "run", "photos/down/3.png", "--csv", "--top", "1"});
  EXPECT_TRUE(predicted.out.starts_with("path,label,probability\nphotos/down/3.png,down,")) << predicted.out << predicted.err;
}

}  // namespace
}  // namespace graft
