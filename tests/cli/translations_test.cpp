// Pages in other languages say what the English ones say: the same headings, commands, examples of output and tables. And every link leads somewhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "graft/base/files.h"
#include "graft/base/text.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
const fs::path kProject = fs::path(GRAFT_TESTS).parent_path();

std::vector<std::string> lines_of(const fs::path& file) { return split(as_text(read_file(file)), '\n'); }

/// `code` and numbers of a table's row, sorted, since another language has another order of words; before them how many cells it has.
std::string facts_of_row(const std::string& row) {
  static const std::regex kFact("`[^`]+`|[0-9]+([.,][0-9]+)*(e-?[0-9]+)?");
  std::vector<std::string> facts;
  for (std::sregex_iterator at(row.begin(), row.end(), kFact), end; at != end; ++at) facts.push_back(at->str());
  std::ranges::sort(facts);
  std::string text = std::to_string(std::ranges::count(row, '|')) + " |";
  for (const std::string& fact : facts) text += " " + fact;
  return text;
}

/// What must be the same in every language, line by line.
std::vector<std::string> outline(const fs::path& page) {
  static const std::regex kComment(" +# .*");
  std::vector<std::string> outline;
  std::string fence;
  for (const std::string& line : lines_of(page)) {
    if (line.starts_with("```")) fence = fence.empty() ? line : "", outline.push_back(line);
    else if (fence == "```") outline.push_back(std::regex_replace(line, kComment, ""));  // commands: a comment may be translated
    else if (!fence.empty()) outline.push_back(line);
    else if (line.starts_with("#")) outline.push_back(line.substr(0, line.find(' ')));
    else if (line.starts_with("|")) outline.push_back(facts_of_row(line));
  }
  return outline;
}

TEST(Translations, KeepInStepWithTheEnglishPages) {
  std::map<fs::path, fs::path> english{{kProject / "README.zh-CN.md", kProject / "README.md"}};
  for (const auto& entry : fs::directory_iterator(kProject / "docs" / "zh-CN")) english[entry.path()] = kProject / "docs" / entry.path().filename();
  EXPECT_GE(english.size(), 4U);
  for (const auto& [page, original] : english) {
    ASSERT_TRUE(fs::exists(original)) << page;
    const std::vector<std::string> here = outline(page), there = outline(original);
    for (std::size_t i = 0; i < std::max(here.size(), there.size()); ++i) {
      const std::string a = i < here.size() ? here[i] : "the end", b = i < there.size() ? there[i] : "the end";
      ASSERT_EQ(a, b) << fs::relative(page, kProject) << " must have what " << fs::relative(original, kProject)
                      << " has: headings, commands, output, tables";
    }
  }
}

/// The anchor that GitHub gives a heading: lower case, a dash for each space, no punctuation.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : lower(std::string(trim(heading.substr(heading.find(' ')))))) {
    if (c == ' ') anchor += '-';
    else if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || static_cast<unsigned char>(c) >= 128) anchor += c;
  }
  return anchor;
}

std::set<std::string> anchors_of(const fs::path& page) {
  std::set<std::string> anchors;
  bool inside = false;
  for (const std::string& line : lines_of(page)) {
    if (line.starts_with("```")) inside = !inside;
    else if (!inside && line.starts_with("#")) anchors.insert(anchor_of(line));
  }
  return anchors;
}

TEST(Translations, EveryLinkOfThePagesLeadsSomewhere) {
  std::vector<fs::path> pages;
  for (const fs::path& folder : {kProject, kProject / "docs", kProject / "docs" / "zh-CN", kProject / "bench"})
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".md") pages.push_back(entry.path());
  static const std::regex kLink("\\]\\(([^)\\s]+)\\)");
  int links = 0;
  for (const fs::path& page : pages) {
    bool inside = false;
    for (const std::string& line : lines_of(page)) {
      if (line.starts_with("```")) inside = !inside;
      for (std::sregex_iterator at(line.begin(), line.end(), kLink), end; !inside && at != end; ++at) {
        const std::string link = (*at)[1].str(), file = link.substr(0, link.find('#'));
        if (link.find("://") != link.npos || link.starts_with("mailto:")) continue;
        const fs::path target = file.empty() ? page : page.parent_path() / file;
        EXPECT_TRUE(fs::exists(target)) << page.filename() << ": " << link;
        const bool heading =
            link.find('#') == link.npos || target.extension() != ".md" || anchors_of(target).contains(link.substr(link.find('#') + 1));
        EXPECT_TRUE(heading) << page.filename() << ": " << link << " has no such heading";
        ++links;
      }
    }
  }
  EXPECT_GT(links, 100);
}

}  // namespace
}  // namespace graft
