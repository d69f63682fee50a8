#include "graft/base/progress.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace graft {
namespace {

using Kind = ProgressStyle::Kind;
using std::chrono::milliseconds;

/// A clock that stands still until told, and everything that was drawn.
struct Screen {
  ProgressStyle::Clock::time_point time{};
  std::vector<std::string> drawn;

  ProgressStyle style(Kind kind, std::size_t columns = 80) {
    return {.kind = kind, .columns = columns, .sink = [this](std::string_view text) { drawn.emplace_back(text); }, .now = [this] { return time; }};
  }
  std::string last() const { return drawn.empty() ? "" : drawn.back(); }
};

TEST(ProgressBar, ShowsRateAndTimeLeft) {
  Screen screen;
  Progress progress("features", 397, screen.style(Kind::bar, 64));
  EXPECT_EQ(screen.last(), "\rfeatures  [----------------------]  0/397");
  screen.time += milliseconds(1340);
  progress.advance(244);
  EXPECT_EQ(screen.last(), "\rfeatures  [#############---------]  244/397  182/s  0:01 left");
  screen.time += milliseconds(760);
  progress.advance(153);
  EXPECT_EQ(screen.last(), "\rfeatures  [######################]  397/397  189/s" + std::string(11, ' ')) << "blanks wipe the longer line before";
  progress.finish();
  ASSERT_GE(screen.drawn.size(), 2U);
  EXPECT_EQ(screen.drawn[screen.drawn.size() - 2], "\rfeatures: 397 images in 2.1 s (189/s)" + std::string(13, ' '));
  EXPECT_EQ(screen.last(), "\n");
}

TEST(ProgressBar, IsDrawnAtMostTenTimesASecond) {
  Screen screen;
  Progress progress("x", 100000, screen.style(Kind::bar));
  for (int i = 0; i < 10000; ++i) {
    screen.time += std::chrono::microseconds(500);
    progress.advance();
  }
  EXPECT_EQ(screen.drawn.size(), 51U) << "the start and fifty in five seconds";
}

TEST(ProgressBar, KeepsToNarrowTerminals) {
  for (std::size_t columns = 0; columns < 70; ++columns) {
    Screen screen;
    Progress progress("Prüfung", 397, screen.style(Kind::bar, columns));
    screen.time += milliseconds(1000);
    progress.advance(100);
    progress.finish();
    for (const std::string& text : screen.drawn) {
      std::size_t letters = 0;
      for (const char c : text) letters += c != '\r' && c != '\n' && (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
      EXPECT_LE(letters, std::max<std::size_t>(columns, 2) - 1) << text;
    }
  }
  Screen screen;
  Progress progress("features", 397, screen.style(Kind::bar, 40));
  screen.time += milliseconds(1340);
  progress.advance(244);
  EXPECT_EQ(screen.last(), "\rfeatures  244/397  182/s  0:01 left");
}

TEST(ProgressBar, ALongLastLineIsNotCut) {
  Screen screen;
  Progress progress("epoch 1/3", 10, screen.style(Kind::bar, 26));
  progress.finish("epoch 1/3: loss 0.5/0.7, 0:41 left");
  ASSERT_EQ(screen.drawn.size(), 4U);
  EXPECT_TRUE(screen.drawn[1].starts_with("\repoch 1/3: loss 0.5/0.7,"));
  EXPECT_EQ(screen.drawn[2], "\n  0:41 left");
  EXPECT_EQ(screen.drawn[3], "\n");
}

TEST(ProgressBar, AnExceptionOnlyEndsTheLine) {
  Screen screen;
  { const Progress progress("x", 10, screen.style(Kind::bar)); }
  EXPECT_EQ(screen.drawn.size(), 2U);
  EXPECT_EQ(screen.last(), "\n");
}

TEST(ProgressBar, WithoutATotal) {
  Screen screen;
  Progress progress("scan", 0, screen.style(Kind::bar), "files");
  EXPECT_EQ(screen.last(), "\rscan  0");
  screen.time += milliseconds(500);
  progress.advance(2);
  EXPECT_EQ(screen.last(), "\rscan  2  4.0/s");
  progress.finish();
  EXPECT_EQ(screen.drawn[2], "\rscan: 2 files in 0.5 s (4.0/s)");
}

TEST(ProgressLines, StartSeldomAndEnd) {
  Screen screen;
  Progress progress("features", 5000, screen.style(Kind::lines));
  for (int i = 0; i < 2500; ++i) {
    screen.time += milliseconds(10);
    progress.advance();
  }
  progress.finish();
  progress.finish();
  EXPECT_EQ(screen.drawn, (std::vector<std::string>{"features: 5000 images\n", "features: 1000/5000, 100/s, 0:40 left\n",
                                                    "features: 2000/5000, 100/s, 0:30 left\n", "features: 2500 images in 25.0 s (100/s)\n"}));
}

TEST(ProgressLines, OneIsNotMany) {
  Screen screen;
  Progress progress("predict", 1, screen.style(Kind::lines));
  EXPECT_EQ(screen.last(), "predict: 1 image\n");
  screen.time += milliseconds(500);
  progress.advance();
  progress.finish();
  EXPECT_TRUE(screen.last().starts_with("predict: 1 image in 0.5 s")) << screen.last();
}

TEST(ProgressLines, LongTimes) {
  Screen screen;
  Progress progress("features", 100000, screen.style(Kind::lines));
  screen.time += std::chrono::seconds(100);
  progress.advance(1000);
  EXPECT_EQ(screen.last(), "features: 1000/100000, 10/s, 2:45:00 left\n");
  screen.time += std::chrono::seconds(65);
  progress.finish();
  EXPECT_EQ(screen.last(), "features: 1000 images in 2 min 45 s (6.1/s)\n");
  Screen slow;
  Progress hours("features", 0, slow.style(Kind::lines));
  slow.time += std::chrono::seconds(2 * 3600 + 5 * 60);
  hours.finish();
  EXPECT_EQ(slow.last(), "features: 0 images in 2 h 5 min\n");
}

TEST(ProgressQuiet, NeverDraws) {
  Screen screen;
  {
    Progress progress("x", 10, screen.style(Kind::quiet));
    screen.time += std::chrono::hours(1);
    progress.advance(5);
    progress.finish();
  }
  EXPECT_TRUE(screen.drawn.empty());
  Progress silent("x", 10, {});  // no sink at all
  silent.advance(10);
  silent.finish();
}

TEST(Progress, CountsOfSeveralThreadsAddUp) {
  Screen screen;
  Progress progress("x", 4000, screen.style(Kind::lines));
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) progress.advance();
      });
  }
  progress.finish();
  EXPECT_EQ(screen.last(), "x: 4000 images in 0.0 s\n");
}

}  // namespace
}  // namespace graft
