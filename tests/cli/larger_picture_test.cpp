// auto that keeps the head tries a larger picture than the network was trained on.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <random>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kSide = 400;
constexpr int kDirections = 4;

/// Faint waves of this length in one of four directions, under noise. Photos of 256 pixels can hold no wave of less than 3.1, those of 329 none of less
/// than 2.4.
std::string waves(int direction, int number, double length) {
  std::mt19937 random(static_cast<unsigned>(kDirections * number + direction));
  const auto below = [&](int limit) { return static_cast<double>(random() % static_cast<unsigned>(limit)); };
  const double phase = below(1000) / 1000;
  std::vector<uint8_t> rgb;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x) {
      const double along = std::array<double, kDirections>{1.0 * x, 1.0 * y, std::numbers::sqrt2 / 2 * (x + y),
                                                           std::numbers::sqrt2 / 2 * (x - y)}[static_cast<std::size_t>(direction)];
      const auto value = static_cast<uint8_t>(48 + 15 * std::sin(2 * std::numbers::pi * (along / length + phase)) + below(160));
      rgb.insert(rgb.end(), {value, value, value});
    }
  return bmp(rgb, kSide, kSide);
}

/// Few enough that auto keeps the head without a trial.
void make_waves(const fs::path& folder, double length) {
  for (const auto& [part, first, last] : {std::tuple{"train", 0, 7}, std::tuple{"val", 7, 9}})
    for (int i = first; i < last; ++i)
      for (int d = 0; d < kDirections; ++d)
        write_file(folder / part / std::string(1, static_cast<char>('a' + d)) / (std::to_string(i) + ".bmp"), waves(d, i, length));
}

json fitted(const TestFolder& folder, const std::string& photos, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"fit", photos, "--out", photos + "-run", "--precision", "float32", "--json", "-q"});
  const Finished done = run(folder, more);
  EXPECT_EQ(done.exit_code, 0) << done.err;
  json found = json::parse(done.out);
  const auto history = read_file(folder / (photos + "-run/history.json"));
  found["phases"] = json::parse(as_text(history))["phases"];
  return found;
}

TEST(LargerPicture, IsTakenWhereItShowsWhatTheOtherLoses) {
  const TestFolder folder;
  make_waves(folder / "fine", 2.75);
  const json found = fitted(folder, "fine");
  EXPECT_EQ(found["config"]["size"]["value"], 288);
  EXPECT_EQ(found["config"]["resize"]["value"], 329);
  const auto why = found["config"]["size"]["reason"].get<std::string>();
  EXPECT_NE(why.find("at 224 pixels, for 1.65 times the work per prediction"), std::string::npos) << why;
  ASSERT_EQ(found["phases"].size(), 1U) << "the head that was solved first is no phase of this model";
  const json& compared = found["phases"][0]["larger_picture"];
  EXPECT_EQ(compared["photos"], 28);
  EXPECT_EQ(compared["taken"], true);
  EXPECT_LT(compared["compared"][1]["log_loss"].get<double>(), 0.95 * compared["compared"][0]["log_loss"].get<double>());
  const Finished again = run(folder, {"fit", "--config", "fine-run/config.toml", "--out", "again", "-q"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(read_file(folder / "again/model.onnx"), read_file(folder / "fine-run/model.onnx"));
}

TEST(LargerPicture, IsNotTakenForNothing) {
  const TestFolder folder;
  make_waves(folder / "coarse", 16);
  const json found = fitted(folder, "coarse");
  EXPECT_EQ(found["config"]["size"]["value"], 224);
  EXPECT_EQ(found["phases"][0]["larger_picture"]["taken"], false);
}

TEST(LargerPicture, IsNotTriedAgainstTheUserOrOfSmallPhotos) {
  const TestFolder folder;
  make_waves(folder / "fine", 2.75);
  EXPECT_FALSE(fitted(folder, "fine", {"--size", "224"})["phases"][0].contains("larger_picture"));
  make_photos(folder / "small", {"across", "down"}, 9);
  EXPECT_FALSE(fitted(folder, "small")["phases"][0].contains("larger_picture"));
}

}  // namespace
}  // namespace graft
