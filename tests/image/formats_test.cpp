// Formats and kinds of tools/make_format_goldens.py against Pillow: convert("RGB") after exif_transpose, or before white or black.
#include "graft/image/format_table.h"

#include <gtest/gtest.h>

#include "graft/base/text.h"
#include "image/fixtures.h"

namespace graft::image {
namespace {

using Golden = nlohmann::json;

std::vector<std::byte> file_of(const Golden& golden) { return read_file(fixture_folder().parent_path() / "formats" / golden.at("file")); }

Background background_of(const Golden& golden) {
  return golden.at("background") == "white" ? Background::white : golden.at("background") == "black" ? Background::black : Background::none;
}

std::vector<Golden> all_goldens() {
  return nlohmann::json::parse(as_text(read_file(fixture_folder().parent_path() / "format_goldens.json"))).get<std::vector<Golden>>();
}

class FormatGolden : public testing::TestWithParam<Golden> {};

TEST_P(FormatGolden, EqualsPillow) {
  const Golden& golden = GetParam();
  const DecodeOptions options{.background = background_of(golden), .depth = golden.at("depth")};
  const Image image = decode(file_of(golden), "x", options);
  EXPECT_EQ(image.width, golden.at("width").get<int>());
  EXPECT_EQ(image.height, golden.at("height").get<int>());
  EXPECT_EQ(digest(image.pixels), golden.at("sha256").get<std::string>());
  Traits traits;  // looking changes nothing
  DecodeOptions looking = options;
  looking.traits = &traits;
  EXPECT_EQ(decode(file_of(golden), "x", looking).pixels, image.pixels);
}

std::string test_name(const testing::TestParamInfo<Golden>& info) {
  std::string name =
      info.param.at("file").get<std::string>() + "_" + info.param.at("background").get<std::string>() + "_" + info.param.at("depth").dump();
  if (name.starts_with("../fixtures/")) name.erase(0, 12);
  std::ranges::replace_if(
      name, [](char c) { return c == '.'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Files, FormatGolden, testing::ValuesIn(all_goldens()), test_name);

Traits traits_of(const std::string& file, Background background = Background::none) {
  Traits traits;
  decode(file_of({{"file", file}}), "x", {.background = background, .traits = &traits});
  return traits;
}

TEST(Traits, TellWhatEightBitsDoNot) {
  EXPECT_EQ(traits_of("../fixtures/rgb8.png").highest, -1);
  EXPECT_FALSE(traits_of("../fixtures/rgb8.png").transparent);
  EXPECT_GT(traits_of("../fixtures/grey16.png").highest, 50'000);
  EXPECT_LE(traits_of("grey_12_of_16.png").highest, 4095);
  EXPECT_GT(traits_of("grey_12_of_16.png").highest, 3000);
  for (const char* file : {"rgba8.png", "grey_alpha8.png", "palette_trns.png", "lossy_alpha.webp", "bmp32_alpha.bmp"}) {
    EXPECT_TRUE(traits_of(std::string("../fixtures/") + file).transparent) << file;
    EXPECT_FALSE(traits_of(std::string("../fixtures/") + file).only_in_alpha) << file;
  }
  EXPECT_FALSE(traits_of("alpha_all_0.bmp").transparent) << "its alpha says nothing";
}

// One pixel of white beside one that is transparent black, as icons are stored: before white nothing is left.
TEST(Traits, WhiteIconBeforeWhiteIsOnlyInAlpha) {
  using namespace std::string_literals;
  const std::string icon = "BM\x92\0\0\0\0\0\0\0\x8a\0\0\0\x7c\0\0\0\x02\0\0\0\x01\0\0\0\x01\0\x20\0\x03\0\0\0"s + std::string(20, '\0') +
                           "\0\0\xff\0\0\xff\0\0\xff\0\0\0\0\0\0\xff"s + std::string(68, '\0') + "\xff\xff\xff\xff\0\0\0\0"s;
  for (const auto background : {Background::none, Background::white, Background::black}) {
    Traits traits;
    decode(as_bytes(icon), "icon", {.background = background, .traits = &traits});
    EXPECT_TRUE(traits.transparent);
    EXPECT_EQ(traits.only_in_alpha, background == Background::white);
  }
}

TEST(Formats, TheDocsHaveEveryRow) {
  const auto bytes = read_file(std::filesystem::path(GRAFT_TESTS).parent_path() / "docs/data.md");
  const std::string page(as_text(bytes));
  for (const FormatRow& row : formats())
    for (const std::string& name : split(row.name, ',')) {
      bool found = false;
      for (const std::string& line : split(page, '\n'))
        if (line.starts_with("| ")) found = found || line.substr(0, line.find('|', 1)).find(trim(name)) != line.npos;
      EXPECT_TRUE(found) << name << " is not in the table of formats of docs/data.md";
    }
}

TEST(Formats, EveryExtensionLeadsToItsRow) {
  for (const FormatRow& row : formats())
    for (const std::string_view extension : row.extensions) {
      EXPECT_EQ(format_by_name("a.b." + std::string(extension)), &row);
      std::string upper(extension);
      for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      EXPECT_EQ(format_by_name(upper + "." + upper), &row);
    }
  for (const char* name : {"", "jpg", "a.txt", "a.", "a.jpg.json"}) EXPECT_EQ(format_by_name(name), nullptr) << name;
}

}  // namespace
}  // namespace graft::image
