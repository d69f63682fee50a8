// `graft adapt --method cyclegan` by the real program, with networks as small as can be.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

using nlohmann::json;

class AdaptByTranslation : public testing::Test {
 protected:
  void SetUp() override {
    make_photos(folder_ / "photos", {"across", "down"}, 10);
    for (int i = 0; i < 18; ++i) write_file(folder_ / "other" / (std::to_string(i) + ".bmp"), made_photo(i % 2, 100 + i, 72, 90));
  }
  Finished adapt(const std::vector<std::string>& more) const {
    std::vector<std::string> words{"adapt", "--source", "photos", "--target", "other", "--size", "64", "--method", "cyclegan"};
    words.insert(words.end(), more.begin(), more.end());
    return run(folder_, words);
  }
  std::string text(const std::string& file) const { return std::string(as_text(read_file(folder_ / file))); }

  TestFolder folder_;
};

TEST_F(AdaptByTranslation, ARunKeepsTheTranslatedPhotos) {
  const Finished done = adapt({"--translate-size", "16", "--translate-width", "2", "--translate-epochs", "2", "--out", "run"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_NE(done.err.find("cyclegan: pictures of 16 pixels, cycle loss "), std::string::npos) << done.err;
  const json found = json::parse(text("run/history.json"))["adaptation"];
  EXPECT_EQ(found["chosen"], "cyclegan");
  EXPECT_EQ(found["translation"]["size"], 16);
  ASSERT_EQ(found["translation"]["epochs"].size(), 2U);
  EXPECT_GT(found["translation"]["epochs"][1]["cycle"], 0.0);
  const std::string table = text("run/translated.csv");
  const auto rows = std::count(table.begin(), table.end(), '\n') - 1;
  EXPECT_EQ(rows, static_cast<long>(found["source_photos"]));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "run/translated.png"));
  EXPECT_NE(text("run/report.html").find("\"translated\":\"data:image/jpeg;base64,/9j/"), std::string::npos);
  // They are photos of their classes for any command.
  const Finished learned = run(folder_, {"fit", "run/translated.csv", "--size", "64", "--strategy", "head", "--out", "learned", "-q"});
  EXPECT_EQ(learned.exit_code, 0) << learned.err;
  // What was trained once is taken from the cache: the same bytes at once.
  const Finished again = run(folder_, {"adapt", "--config", "run/config.toml", "--out", "again", "-q"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(text("again/model.onnx"), text("run/model.onnx"));
  EXPECT_EQ(text("again/translated/00003.png"), text("run/translated/00003.png"));
}

TEST_F(AdaptByTranslation, IsRefused) {
  const Finished small = adapt({"--translate-size", "80", "--out", "run"});  // behind what it says of the photos
  EXPECT_EQ(small.exit_code, 1);
  EXPECT_EQ(
      last_line(small),
      "graft: --target other: 18 of its 18 photos are smaller than the 80 pixels that are translated, such as other/0.bmp of 72; choose a smaller "
      "--translate-size, or take them out\n");
  expect_refused(adapt({"--translate-size", "66"}), 2,
                 "--translate-size 66: expected a multiple of 4, since the networks halve pictures twice; choose another size");
  expect_refused(run(folder_, {"adapt", "--source", "photos", "--target", "other", "--translate-epochs", "5"}), 2,
                 "--translate-epochs: is for --method cyclegan; omit it");
}

}  // namespace
}  // namespace graft
