// curves.svg and confusion.svg: their numbers, and that a reader of XML takes them.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "graft/report/confusion.h"
#include "graft/report/curves.h"
#include "graft/report/svg.h"

namespace graft::report {
namespace {

using Json = nlohmann::ordered_json;

std::size_t count(const std::string& text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++found;
  return found;
}

/// No mark-up of a name's own: every < begins one of the pictures' elements, and every element is closed.
bool well_formed(const std::string& svg) {
  long open = 0;
  for (std::size_t at = svg.find('<'); at != svg.npos; at = svg.find('<', at + 1)) {
    const std::size_t end = svg.find('>', at);
    if (end == svg.npos || svg.find('<', at + 1) < end || count(svg.substr(at, end - at), "\"") % 2 != 0) return false;
    if (svg[at + 1] == '/') --open;
    else if (svg[end - 1] != '/') ++open;
    if (open < 0) return false;
  }
  return open == 0;
}

Json evaluation(const std::vector<std::string>& names, const std::vector<std::vector<int>>& table) {
  Json json{{"classes", Json::array()}, {"confusion", table}};
  for (const std::string& name : names) json["classes"].push_back({{"name", name}});
  return json;
}

TEST(ConfusionPicture, HasACellForEachPair) {
  const std::string svg = confusion_svg(evaluation({"ants", "bees"}, {{66, 4}, {3, 80}}), "insects");
  EXPECT_TRUE(well_formed(svg)) << svg;
  EXPECT_EQ(count(svg, "class=\"cell\""), 4U);
  EXPECT_NE(svg.find("data-true=\"0\" data-predicted=\"1\" data-count=\"4\"><title>ants taken for bees: 4 of 70</title>"), svg.npos) << svg;
  EXPECT_EQ(count(svg, ">66<"), 1U);
}

TEST(ConfusionPicture, NamesAreText) {
  const std::string svg = confusion_svg(evaluation({"</svg><script>\"&", "\xEF\xBF\xBF" + std::string(4096, 'x')}, {{1, 0}, {0, 1}}), "a<b");
  EXPECT_TRUE(well_formed(svg)) << svg;
  EXPECT_EQ(svg.find("<script>"), svg.npos);
  EXPECT_EQ(svg.find("\xEF\xBF\xBF"), svg.npos) << "which XML does not have";
}

TEST(ConfusionPicture, OfManyClassesHasThoseWithMostMistakes) {
  std::vector<std::string> names;
  std::vector<std::vector<int>> table(40, std::vector<int>(40));
  for (int i = 0; i < 40; ++i) names.push_back("c" + std::to_string(i)), table[static_cast<std::size_t>(i)][static_cast<std::size_t>(i)] = 5;
  table[39][38] = 3;
  const std::string svg = confusion_svg(evaluation(names, table), "many");
  EXPECT_EQ(count(svg, "class=\"cell\""), 24U * 24U);
  EXPECT_EQ(count(svg, "data-true=\"39\" data-predicted=\"38\" data-count=\"3\""), 1U);
  EXPECT_NE(svg.find("24 of 40 classes"), svg.npos);
}

TEST(ConfusionPicture, IsNoneWhereThereIsNoTable) {
  EXPECT_EQ(confusion_svg({{"task", "multi-label"}, {"classes", Json::array()}}, "x"), "");
  EXPECT_EQ(confusion_svg(evaluation({"a", "b"}, {{1, 0}}), "x"), "");
}

TEST(CurvesPicture, HasEveryNumberOfEveryEpoch) {
  Json epochs = Json::array();
  for (int e = 1; e <= 4; ++e)
    epochs.push_back(
        {{"epoch", e}, {"train_loss", 1.0 / e}, {"train_accuracy", 0.5 + 0.1 * e}, {"val_loss", 2.0 / e}, {"val_accuracy", 0.6}, {"lr", 0.01 * e}});
  epochs[2]["val_loss"] = nullptr;
  const std::string svg = curves_svg({{"phases", {{{"strategy", "full"}, {"epochs", epochs}, {"kept_epoch", 3}}}}}, "r");
  EXPECT_TRUE(well_formed(svg)) << svg;
  EXPECT_EQ(count(svg, "<circle"), 4U * 5U - 1U);
  EXPECT_NE(svg.find("data-series=\"training\" data-x=\"4\" data-value=\"0.25\""), svg.npos) << svg;
  EXPECT_EQ(count(svg, "class=\"mark\""), 3U);
  EXPECT_EQ(count(svg, "nan") + count(svg, "inf"), 0U);
}

TEST(CurvesPicture, OfASolvedHeadIsThePathOfItsPenalty) {
  const Json path = {{{"l2", 1.0}, {"accuracy", 0.9}, {"log_loss", 0.3}}, {{"l2", 0.1}, {"accuracy", 0.95}, {"log_loss", 0.2}}};
  const std::string svg = curves_svg({{"phases", {{{"strategy", "head"}, {"l2", 0.1}, {"cross_validation", {{"folds", 5}, {"path", path}}}}}}}, "r");
  EXPECT_TRUE(well_formed(svg)) << svg;
  EXPECT_NE(svg.find("data-series=\"log loss\" data-x=\"0.1\" data-value=\"0.2\""), svg.npos) << svg;
  EXPECT_EQ(curves_svg({{"phases", {{{"strategy", "head"}, {"l2", 0.1}}}}}, "r"), "");
  EXPECT_EQ(curves_svg({}, "r"), "");
}

TEST(CurvesPicture, ConstantsAndOneEpochHavePlaces) {
  const Json epoch{{"epoch", 1}, {"train_loss", 0.0}, {"train_accuracy", 1.0}, {"val_loss", 1e30}, {"val_accuracy", 1.0}, {"lr", 0.0}};
  const std::string svg = curves_svg({{"phases", {{{"strategy", "full"}, {"epochs", {epoch}}, {"kept_epoch", 1}}}}}, "r");
  EXPECT_TRUE(well_formed(svg));
  EXPECT_EQ(count(svg, "nan") + count(svg, "inf"), 0U) << svg;
}

TEST(Shortened, CountsLettersAndNotBytes) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "ab\xE2\x80\xA6");
  EXPECT_EQ(shortened("\xC3\xA4\xC3\xB6\xC3\xBC\xC3\x9F", 3), "\xC3\xA4\xC3\xB6\xE2\x80\xA6");
}

}  // namespace
}  // namespace graft::report
