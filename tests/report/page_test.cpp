// Data in the page: nothing of a stranger's text ends the element that it stands in.
#include "graft/report/page.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace graft::report {
namespace {

using Json = nlohmann::ordered_json;

Json data_in(const std::string& html) {
  const std::string begin = "<script type=\"application/json\" id=\"data\">";
  const std::size_t at = html.find(begin) + begin.size();
  return Json::parse(html.substr(at, html.find("</script>", at) - at));
}

TEST(Page, GivesItsDataBackAsTheyAre) {
  const Json data{{"name", "</script><!--<script>"},
                  {"marks", "\xE2\x80\xAE\xE2\x80\xA8\xF0\x9F\x98\x80"},
                  {"long", std::string(4096, '<')},
                  {"n", 0.1}};
  const std::string html = page(data);
  EXPECT_EQ(data_in(html), data);
  EXPECT_EQ(data_in(page({{"bad", "\xFF"}})), (Json{{"bad", "\xEF\xBF\xBD"}}));
}

TEST(Page, HasAPolicyThatLetsNothingIn) {
  const std::string html = page({});
  EXPECT_TRUE(html.starts_with("<!doctype html>"));
  EXPECT_NE(html.find("default-src 'none'; img-src data:; script-src 'sha256-"), std::string::npos);
  EXPECT_EQ(html.find("unsafe-inline'"), std::string::npos);
}

}  // namespace
}  // namespace graft::report
