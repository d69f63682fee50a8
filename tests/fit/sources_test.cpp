// Which source is taken, from what was found of each.
#include "graft/fit/source/sources.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "error_text.h"

namespace graft::fit {
namespace {

using test::error_of;

SourceScore score(const char* name, std::vector<double> held_out, int64_t multiply_adds = 100, double seconds = 0.01, double bytes = 1e7) {
  return {.source = {name},
          .size = 64,
          .features = 10,
          .every_stage = false,
          .bytes = bytes,
          .seconds = seconds,
          .multiply_adds = multiply_adds,
          .accuracy = 0.5,
          .held_out = std::move(held_out)};
}

PhotosJudged alone(std::size_t photos) {
  PhotosJudged judged;
  for (std::size_t i = 0; i < photos; ++i) judged.units.push_back("photo " + std::to_string(i));
  return judged;
}

SourceChoice decided(std::vector<SourceScore> scores, const PhotosJudged& judged, const Limits& limits = {}) {
  SourceChoice choice{.scores = std::move(scores), .photos = judged.units.size(), .folds = 5};
  decide(choice, judged, limits);
  return choice;
}

TEST(Sources, TheLowestLogLossIsTakenWhateverItCosts) {
  const SourceChoice choice = decided({score("small", {0.9, 0.7, 0.8, 0.8}, 10), score("large", {0.5, 0.4, 0.4, 0.3}, 1000)}, alone(4));
  EXPECT_EQ(choice.best, 1U);
  EXPECT_EQ(choice.chosen, 1U);
  EXPECT_NEAR(choice.scores[1].log_loss, 0.4, 1e-12);
  EXPECT_NEAR(choice.scores[1].error, std::sqrt(0.02 / 3 / 4), 1e-12);
  EXPECT_NEAR(choice.scores[0].behind, 0.4, 1e-12);
  EXPECT_NEAR(choice.scores[0].behind_error, std::sqrt(0.02 / 3 / 4), 1e-12);  // of the differences 0.4, 0.3, 0.4, 0.5
  EXPECT_EQ(reason_of(choice), "the lowest cross-validated log loss of 2 sources on 4 photos, 0.4000");
}

/// Photo by photo they differ by -0.3, 0.4, -0.3, 0.4: 0.05 +- 0.202.
TEST(Sources, WithinAStandardErrorTheCheapestIsTaken) {
  const std::vector<double> of_large{0.5, 0.4, 0.5, 0.4}, of_small{0.2, 0.8, 0.2, 0.8};
  const SourceChoice choice = decided({score("large", of_large, 1000, 0.01), score("small", of_small, 10, 0.02)}, alone(4));
  EXPECT_EQ(choice.best, 0U);
  EXPECT_EQ(choice.chosen, 1U) << "fewer multiply-adds, whatever the clock said";
  EXPECT_EQ(
      reason_of(choice),
      "the cheapest of 2 sources whose cross-validated log loss on 4 photos, 0.5000, is less than a standard error above the lowest, that of large: "
      "0.0500 +- 0.2021");
  EXPECT_EQ(decided({score("large", of_large, 1000), score("unknown", of_small, 0, 0.01, 2e7)}, alone(4)).chosen, 0U) << "then the smaller file";
  EXPECT_EQ(decided({score("large", of_large, 1000), score("unknown", of_small, 0, 0.01, 2e6)}, alone(4)).chosen, 1U);
}

/// A difference that every photo of a group shares is one observation, not many.
TEST(Sources, PhotosOfAGroupCountAsOne) {
  std::vector<double> large(20, 0.4), small(20, 0.4);
  PhotosJudged groups;
  for (std::size_t i = 0; i < 20; ++i) {
    small[i] += i < 10 ? 0.3 : -0.2;
    groups.units.push_back(i < 10 ? "one" : "other");
  }
  const auto scores = [&] { return std::vector{score("large", large, 1000), score("small", small, 10)}; };
  const SourceChoice independent = decided(scores(), alone(20)), grouped = decided(scores(), groups);
  EXPECT_NEAR(independent.scores[1].behind_error, 0.25 / std::sqrt(19.0), 1e-9);
  EXPECT_NEAR(grouped.scores[1].behind_error, 0.25, 1e-9);
}

TEST(Sources, PhotosHeldOutNowhereHaveNoPartAndWeightsCount) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  PhotosJudged judged = alone(3);
  judged.weights = {3, 1, 5};
  const SourceChoice choice = decided({score("one", {0.2, 0.6, none})}, judged);
  EXPECT_NEAR(choice.scores[0].log_loss, 0.3, 1e-12);
  EXPECT_EQ(choice.chosen, 0U);
}

TEST(Sources, LimitsLeaveOutWhatIsAbove) {
  const std::vector<double> good{0.2, 0.3, 0.2}, bad{0.8, 0.9, 0.7};
  const auto scores = [&] { return std::vector{score("large", good, 1000, 0.030, 5e7), score("small", bad, 10, 0.003, 3e6)}; };
  const SourceChoice fast = decided(scores(), alone(3), {.seconds = 0.02});
  EXPECT_EQ(fast.chosen, 1U);
  EXPECT_FALSE(fast.scores[0].within);
  EXPECT_LT(fast.scores[0].behind, 0) << "what the limit costs";
  EXPECT_EQ(reason_of(fast), "the only one within the limits; cross-validated log loss 0.8000 on 3 photos");
  EXPECT_EQ(decided(scores(), alone(3), {.bytes = 5e6}).chosen, 1U);
  EXPECT_EQ(decided(scores(), alone(3), {.seconds = 0.03}).chosen, 0U) << "a limit that is met to the letter is met";
  SourceChoice none{.scores = scores()};
  EXPECT_EQ(error_of([&] { decide(none, alone(3), {.seconds = 0.002, .bytes = 4e6}); }),
            "usage: --latency 2.0 ms --model-size 4.0 MB: none of 2 sources is within the limits; the nearest, small, takes 3.0 ms per photo here "
            "and 3.0 MB; allow that, or name smaller --sources or a smaller --size");
}

TEST(Sources, TheFrontIsWhatNothingBeatsInEverything) {
  const SourceChoice choice = decided(
      {score("slow", {0.2, 0.2}, 1, 0.03, 3e7), score("fast", {0.4, 0.4}, 1, 0.01, 1e7), score("useless", {0.4, 0.4}, 1, 0.02, 1e7)}, alone(2));
  EXPECT_TRUE(choice.scores[0].front);
  EXPECT_TRUE(choice.scores[1].front);
  EXPECT_FALSE(choice.scores[2].front);
  const std::string table = to_table(choice);
  EXPECT_TRUE(
      table.ends_with("what a limit costs  --latency  --model-size  log loss\n"
                      "fast                   10.0ms        10.0MB    0.4000\n"
                      "slow                   30.0ms        30.0MB    0.2000\n"))
      << table;
  EXPECT_EQ(table.find("* of every stage"), std::string::npos);
}

SourceScore join(const char* name, std::vector<double> held_out, double seconds = 0.02, double bytes = 2e7) {
  SourceScore joined = score(name, std::move(held_out), 200, seconds, bytes);
  joined.joined = true;
  return joined;
}

const std::vector<double> kGood{0.5, 0.4, 0.4, 0.5, 0.4}, kBetter{0.4, 0.3, 0.3, 0.39, 0.3};  // 0.1 lower, a little less of one

TEST(Sources, AJoinIsTakenWhereItIsBetterThanTheBestAloneBeyondDoubt) {
  const SourceChoice choice = decided({score("one", kGood), score("other", {0.9, 0.9, 0.9, 0.9, 0.9}), join("one+other", kBetter)}, alone(5));
  EXPECT_EQ(choice.best, 0U) << "of the single ones";
  EXPECT_EQ(choice.chosen, 2U);
  EXPECT_NEAR(choice.scores[2].behind, -0.102, 1e-12);
  EXPECT_EQ(reason_of(choice),
            "its cross-validated log loss on 5 photos, 0.3380, is 0.1020 +- 0.0020 below the lowest of a single network, that of one");
  EXPECT_NE(to_table(choice).find("-0.1020"), std::string::npos) << to_table(choice);
}

TEST(Sources, AJoinIsNotTakenForWhatMayBeChanceOrIsTooLittle) {
  // lower by 0.1 on average, but by 0.5 of one photo and not of the others
  const SourceChoice chance = decided({score("one", kGood), join("one+other", {0.0, 0.4, 0.4, 0.5, 0.4})}, alone(5));
  EXPECT_EQ(chance.chosen, 0U);
  EXPECT_EQ(reason_of(chance), "the only one; cross-validated log loss 0.4400 on 5 photos");
  EXPECT_NE(to_table(chance).find("not worth its cost"), std::string::npos) << to_table(chance);
  std::vector<double> little = kGood;
  for (double& loss : little) loss -= 0.009;
  EXPECT_EQ(decided({score("one", kGood), join("one+other", little)}, alone(5)).chosen, 0U) << "beyond doubt, and not worth it";
  for (double& loss : little) loss -= 0.002;
  EXPECT_EQ(decided({score("one", kGood), join("one+other", little)}, alone(5)).chosen, 1U);
}

TEST(Sources, AJoinAboveALimitIsNotTaken) {
  const auto scores = [&] { return std::vector{score("one", kGood), join("one+other", kBetter)}; };
  const SourceChoice fast = decided(scores(), alone(5), {.seconds = 0.015});
  EXPECT_EQ(fast.chosen, 0U);
  EXPECT_FALSE(fast.scores[1].within);
  EXPECT_EQ(decided(scores(), alone(5), {.seconds = 0.02}).chosen, 1U);
  const SourceChoice joins = decided({join("one+two", kGood), join("one+three", kBetter)}, alone(5));
  EXPECT_EQ(joins.chosen, 1U) << "where nothing else was asked for they are sources like others";
  EXPECT_EQ(reason_of(joins), "the lowest cross-validated log loss of 2 sources on 5 photos, 0.3380");
}

TEST(Sources, ThePairWhoseAnswersCompleteEachOtherIsTried) {
  // "best" and "second" fail on the same photo, "other" on another one
  const std::vector<SourceScore> scores{score("second", {0.1, 0.1, 2.1}), score("best", {0.1, 0.1, 2.0}), score("other", {1.5, 1.5, 0.1})};
  const PhotosJudged judged = alone(3);
  const auto pair = [&](std::vector<SourceScore> of, const Limits& limits = {}) {
    const auto name = pair_to_join(decided(std::move(of), judged, {}), judged, limits);
    return name ? name->text() : "none";
  };
  EXPECT_EQ(pair(scores), "best+other");
  EXPECT_EQ(pair(scores, {.seconds = 0.019}), "none") << "both together take longer";
  EXPECT_EQ(pair(scores, {.bytes = 2e7}), "best+other");
  EXPECT_EQ(pair({scores[0]}), "none");
  std::vector<SourceScore> files = scores;
  files[1].source.backbone = "encoder.onnx";
  EXPECT_EQ(pair(files), "second+other");
  files[2].source.weights = "mine.pth";
  EXPECT_EQ(pair(files), "none") << "files are not joined";
  std::vector<SourceScore> named = scores;
  named.push_back(join("best+other", {0.1, 0.1, 0.1}));
  EXPECT_EQ(pair(named), "none") << "it was looked at";
}

Configured<FitConfig> asked(std::vector<std::string> words) {
  words.insert(words.begin(), "photos");
  return configure<FitConfig>({"graft fit", "", {}}, words);
}

TEST(Sources, WhatTheyAreIsCheckedBeforeAnyWork) {
  const auto refused = [](const std::vector<std::string>& words) { return error_of([&] { sources_of(asked(words)); }); };
  EXPECT_EQ(refused({"--sources", "efficientnet_lite0,efficientnet_lte1"}),
            "usage: backbone 'efficientnet_lte1': no such network; did you mean efficientnet_lite1?");
  EXPECT_EQ(refused({"--sources", "efficientnet_lite0,efficientnet_lite0.IMAGENET1K"}),
            "usage: --sources efficientnet_lite0.IMAGENET1K: given twice; name it once");
  EXPECT_EQ(refused({"--sources", "encoder.onnx"}), "data: encoder.onnx: no such file; see `graft models` for networks by name");
  EXPECT_EQ(refused({"--sources", "resnet18=mine.pth"}), "data: mine.pth: no such file; expected a weights file for resnet18");
  EXPECT_EQ(refused({"--sources", "efficientnet_lite0", "--backbone", "resnet18"}),
            "usage: --backbone: sets the network, which --sources is meant to choose; give only one of them");
  EXPECT_EQ(refused({"--latency", "20ms"}), "usage: --latency 20ms: is a limit of what --sources chooses; give --sources, too: names, or all");
  EXPECT_EQ(refused({"--sources", "efficientnet_lite0", "--latency", "20"}),
            "usage: --latency 20: expected a time above 0 with the unit ms or s; for instance 20ms");
  EXPECT_EQ(refused({"--sources", "efficientnet_lite0", "--model-size", "20"}),
            "usage: --model-size 20: expected a size above 0 with the unit kB, MB or GB; for instance 20MB");
  EXPECT_EQ(refused({"--sources", "efficientnet_lite0+"}),
            "usage: backbone 'efficientnet_lite0+': expected a network on each side of a +; for instance efficientnet_lite0+squeezenet1_1");
  EXPECT_EQ(refused({"--sources", "efficientnet_lite0+resnet18=mine.pth"}),
            "usage: --sources efficientnet_lite0+resnet18=mine.pth: networks that are joined take the published weights of each; omit the file");
  EXPECT_TRUE(refused({"--sources", "efficientnet_lite0+vgg19"}).starts_with("data: vgg19: its weights vgg19-dcbb9e9d.pth are not in '"));
  EXPECT_EQ(sources_of(asked({"--sources", "efficientnet_lite0,efficientnet_lite0+vgg19", "--download"})).size(), 2U);
  const std::string missing = refused({"--sources", "efficientnet_lite0,vgg19"});
  EXPECT_TRUE(missing.starts_with("data: vgg19: its weights vgg19-dcbb9e9d.pth are not in '")) << missing;
  EXPECT_NE(missing.find("`graft weights get vgg19` fetches them"), std::string::npos) << missing;
  EXPECT_EQ(sources_of(asked({"--sources", "efficientnet_lite0,vgg19", "--download"})).size(), 2U);
  EXPECT_TRUE(sources_of(asked({})).empty());
}

/// A source that `all` has, too, is not given twice.
TEST(Sources, AllAreThoseWhoseWeightsAreHere) {
  const auto names = sources_of(asked({"--sources", "efficientnet_lite0,all"}));
  ASSERT_GE(names.size(), 1U);
  EXPECT_EQ(names[0].backbone, "efficientnet_lite0");
  for (std::size_t i = 1; i < names.size(); ++i) EXPECT_NE(names[i].backbone, "efficientnet_lite0");
}

}  // namespace
}  // namespace graft::fit
