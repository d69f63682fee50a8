// `graft report`: where the page goes, and what it refuses. The page itself is looked at in Chromium (web/tests/page.browser.ts).
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;

class ReportCommand : public testing::Test {
 protected:
  /// What is left of a run whose photos are gone.
  void make_run(const std::string& name, const std::string& photo) {
    fs::create_directories(folder_ / name);
    write_file(folder_ / name / "predictions.csv",
               "path,label,predicted,probability,loss,probability of a,probability of b\n../" + photo + ".jpg,a,b,0.9,2.3,0.1,0.9\n");
    write_file(
        folder_ / name / "eval.json",
        std::string_view(R"({"count": 1, "right": 0, "accuracy": 0, "classes": [{"name": "a"}, {"name": "b"}], "confusion": [[0, 1], [0, 0]]})"));
  }

  std::string text(const std::string& name) {
    const auto bytes = read_file(folder_ / name);
    return std::string(as_text(bytes));
  }

  TestFolder folder_;
};

TEST_F(ReportCommand, MakesThePageOfARunAgain) {
  make_run("run", "1");
  const Finished done = run(folder_, {"report", "run"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("report: run/report.html, ")) << done.out;
  EXPECT_EQ(listing(folder_ / "run"), (std::vector<std::string>{"confusion.svg", "eval.json", "predictions.csv", "report.html"}));
  EXPECT_EQ(run(folder_, {"report", "run", "-q"}).out, "") << "in place of the one there";
  const auto json = nlohmann::json::parse(run(folder_, {"report", "run", "--json"}).out);
  EXPECT_EQ(json["report"], "run/report.html");
  EXPECT_EQ(json["bytes"], fs::file_size(folder_ / "run" / "report.html"));
}

TEST_F(ReportCommand, SeveralRunsAreSideBySide) {
  make_run("a", "1"), make_run("b", "1"), make_run("c", "2");
  EXPECT_EQ(run(folder_, {"report", "a", "b", "--out", "ab.html", "-q"}).exit_code, 0);
  EXPECT_NE(text("ab.html").find("b and a do not differ beyond chance"), std::string::npos) << "as graft compare says";
  EXPECT_EQ(run(folder_, {"report", "a", "c", "--out", "ac.html", "-q"}).exit_code, 0) << "other photos";
  EXPECT_NE(text("ac.html").find("only runs that were validated on the same photos can be compared photo by photo"), std::string::npos);
}

TEST_F(ReportCommand, RefusesWhatItCannotShow) {
  make_run("run", "1");
  const auto refused = [&](std::vector<std::string> words, int code, const std::string& line) {
    words.insert(words.begin(), "report");
    expect_refused(run(folder_, words), code, line);
  };
  refused({}, 2, "runs: missing; usage: graft report RUNS... [options]");
  refused({"run", "run"}, 2, "--out: missing: several runs have no folder in common; for instance --out comparison.html");
  refused({"run", "--out", "x.pdf"}, 2, "--out x.pdf: expected a name that ends in .html; the page is HTML");
  refused({"run", "--language", "fr"}, 2, "--language fr: expected auto, en or zh");
  refused({"none"}, 1, "none: no such run; give the folder of a finished run");
  write_file(folder_ / "there.html", std::string_view("mine"));
  refused({"run", "--out", "there.html"}, 1, "there.html: already exists; choose another --out or pass --force");
  EXPECT_EQ(text("there.html"), "mine");
  write_file(folder_ / "run" / "eval.json", std::string_view("{"));
  EXPECT_EQ(run(folder_, {"report", "run"}).exit_code, 1);
  fs::remove(folder_ / "run" / "eval.json");
  refused({"run"}, 1, "run: has no eval.json, which every measured run has; give the folder of a finished run");
}

}  // namespace
}  // namespace graft
