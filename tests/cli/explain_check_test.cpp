// `graft explain --check`, of a network that looks at one corner alone.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "explain/corner_network.h"

namespace graft {
namespace {

namespace fs = std::filesystem;

class ExplainCheck : public testing::Test {
 protected:
  ExplainCheck() {
    explain::written(folder_.path(), explain::corner_network(4));
    const std::vector<uint8_t> rows = explain::corner_photos(12);
    const std::size_t bytes = rows.size() / 12;
    for (std::size_t i = 0; i < 12; ++i)
      write_file(folder_ / "photos" / (std::string(i < 10 ? "0" : "") + std::to_string(i) + ".bmp"),
                 bmp(std::span(rows).subspan(i * bytes, bytes), explain::kWidth, explain::kHeight));
  }

  std::vector<std::string> with(const std::vector<std::string>& more) const {
    std::vector<std::string> words{"explain", "model.onnx", "photos", "--check", "-q"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  const TestFolder folder_;
};

TEST_F(ExplainCheck, SaysThatTheMapsAreRight) {
  const Finished text = run(folder_, with({"--method", "cam"}));
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_TRUE(text.out.starts_with("maps by cam of 12 photos, each for its most probable class;")) << text.out;
  EXPECT_NE(text.out.find("\nThese maps say more than the center of the picture: insertion minus deletion is "), std::string::npos) << text.out;
  EXPECT_EQ(text.out.find("Do not rely"), std::string::npos) << text.out;
  const Finished done = run(folder_, with({"--method", "cam", "--json"}));
  const auto json = nlohmann::json::parse(done.out);
  EXPECT_EQ(json["photos"], 12);
  EXPECT_EQ(json["method"], "cam");
  EXPECT_TRUE(json["reliable"]);
  const auto& areas = json["insertion_minus_deletion"];
  EXPECT_NEAR(areas["maps"]["mean"].get<double>(), json["insertion"]["mean"].get<double>() - json["deletion"]["mean"].get<double>(), 1e-9);
  EXPECT_GT(areas["maps"]["mean"], areas["centre"]["mean"]);
  EXPECT_LT(json["more_than_random"]["interval"][0], json["more_than_random"]["interval"][1]);
  EXPECT_EQ(json["shuffled"].back()["what"], "all layers");
  EXPECT_EQ(run(folder_, with({"--method", "cam", "--json"})).out, done.out) << "the same each time";
}

TEST_F(ExplainCheck, RefusesWhatCannotBeChecked) {
  fs::remove(folder_ / "photos" / "00.bmp");
  fs::remove(folder_ / "photos" / "01.bmp");
  fs::remove(folder_ / "photos" / "02.bmp");
  expect_refused(run(folder_, with({})), 1, "--check: 9 photos, expected at least 10; a mean over fewer photos says little about the maps of others");
  write_file(folder_ / "photos" / "13.bmp", std::string_view("BM"));
  const Finished unreadable = run(folder_, with({}));
  EXPECT_EQ(unreadable.exit_code, 1);
  EXPECT_TRUE(unreadable.err.ends_with("; repair or remove them\n")) << unreadable.err;
  EXPECT_EQ(unreadable.out, "");
  expect_refused(run(folder_, with({"--out", "maps"})), 2, "--check: draws nothing, so that --out has no meaning; omit one of them");
  expect_refused(run(folder_, with({"--top", "2"})), 2,
                 "--check: asks about the most probable class, so that --top has no meaning; omit one of them");
}

}  // namespace
}  // namespace graft
