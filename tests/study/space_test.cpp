#include "graft/study/space.h"

#include <gtest/gtest.h>

#include <set>

#include "error_text.h"
#include "graft/base/text.h"

namespace graft::study {
namespace {

using test::error_of;
using Words = std::vector<std::string>;

TEST(Space, ValuesAreDrawnFromRangesAndChoices) {
  const auto space = parse_space("lr=1e-4..1e-2:log, batch=8..10,mixup=0|0.2,depth=all|2,augment=default|none");
  std::set<std::string> batches, others;
  int small = 0;
  for (std::size_t trial = 1; trial <= 200; ++trial) {
    const Words words = draw(space, 7, trial);
    ASSERT_GE(words.size(), 8U);
    EXPECT_EQ(words[0], "--lr");
    const double lr = std::stod(words[1]);
    EXPECT_GE(lr, 1e-4);
    EXPECT_LE(lr, 1e-2);
    small += lr < 1e-3 ? 1 : 0;
    EXPECT_EQ(words[2], "--batch");
    batches.insert(words[3]);
    for (std::size_t i = 4; i < words.size(); ++i) others.insert(words[i]);
  }
  EXPECT_NEAR(small, 100, 30) << "evenly in the logarithm: half of them below the geometric mean";
  EXPECT_EQ(batches, (std::set<std::string>{"8", "9", "10"}));
  EXPECT_EQ(others, (std::set<std::string>{"--mixup", "0", "0.2", "--strategy", "full", "partial", "--unfreeze", "2", "--augment", "none"}));
}

TEST(Space, OptionsMayHaveAnotherName) {
  const auto space = parse_space("optimiser=adam|sgd,batch-size=8..10");
  EXPECT_EQ(space[0].name, "optimizer");
  EXPECT_EQ(space[1].name, "batch");
  EXPECT_TRUE(space[1].whole);
  EXPECT_EQ(error_of([] { parse_space("optimiser=adam,optimizer=sgd"); }), "usage: --space optimizer: given twice");
}

TEST(Space, ATrialIsOfItsSeedAndNumberAlone) {
  const auto space = parse_space(kSpace);
  EXPECT_EQ(draw(space, 1, 0), Words()) << "the default";
  EXPECT_EQ(draw(space, 1, 5), draw(space, 1, 5));
  EXPECT_NE(draw(space, 1, 5), draw(space, 1, 6));
  EXPECT_NE(draw(space, 1, 5), draw(space, 2, 5));
}

TEST(Space, WhatTheUserSaidIsNotDrawn) {
  const auto left = [](const char* option) {
    std::string names;
    for (const Dimension& d : open_dimensions(parse_space("lr=1e-4..1e-2:log,mixup=0|0.2,depth=all|2"), {{option, {Source::flag, ""}}}))
      names += d.name + " ";
    return names;
  };
  EXPECT_EQ(left("seed"), "lr mixup depth ");
  EXPECT_EQ(left("lr"), "mixup depth ");
  EXPECT_EQ(left("strategy"), "lr mixup ");
  EXPECT_EQ(left("unfreeze"), "lr mixup ");
}

TEST(Space, WhatIsNoneIsRefused) {
  const auto refused = [](const std::string& text) { return error_of([&] { parse_space(text); }); };
  const std::string form = ": expected OPTION=LOW..HIGH, OPTION=LOW..HIGH:log or OPTION=VALUE|VALUE; for instance lr=1e-4..1e-2:log,mixup=0|0.2";
  EXPECT_EQ(refused("lr"), "usage: --space lr" + form);
  EXPECT_EQ(refused(""), "usage: --space ''" + form);
  EXPECT_EQ(refused("lr=a..b"), "usage: --space lr=a..b" + form);
  EXPECT_EQ(refused("lr=0.1..0.01"), "usage: --space lr=0.1..0.01: the range is empty; LOW..HIGH");
  EXPECT_EQ(refused("mixup=0..1:log"), "usage: --space mixup=0..1:log: a logarithmic range must begin above 0; LOW..HIGH");
  EXPECT_EQ(refused("lrr=0.1..0.2"), "usage: --lrr: no such option; did you mean --lr?");
  EXPECT_EQ(refused("augment=light|srtong"), "usage: --augment srtong: expected none, light, standard or strong; did you mean strong?");
  EXPECT_EQ(refused("lr=0.1..0.2,lr=1..2"), "usage: --space lr: given twice");
  EXPECT_EQ(refused("epochs=1..5"),
            "usage: --space epochs=1..5: is not drawn, because better trials get more epochs; omit it: --epochs sets the largest number");
}

}  // namespace
}  // namespace graft::study
