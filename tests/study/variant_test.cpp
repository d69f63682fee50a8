#include "graft/study/variant.h"

#include <gtest/gtest.h>

#include "error_text.h"
#include "graft/base/error.h"

namespace graft::study {
namespace {

using test::message_of;
using Words = std::vector<std::string>;

Configured<fit::FitConfig> asked(const Words& words) { return configure<fit::FitConfig>({"graft fit", "", {}}, words); }

TEST(ParseCompared, StrategiesWithOptionsOfTheirOwn) {
  const std::vector<Variant> variants = parse_compared("scratch:lr=0.05:epochs=30, head");
  ASSERT_EQ(variants.size(), 2U);
  EXPECT_EQ(variants[0].name, "scratch");
  EXPECT_EQ(variants[0].words, (Words{"--strategy", "scratch", "--lr", "0.05", "--epochs", "30"}));
  EXPECT_EQ(variants[1].name, "head");
  EXPECT_EQ(variants[1].words, (Words{"--strategy", "head"}));
}

TEST(ParseCompared, AStrategyThatComesAgainIsNamedWithItsOptions) {
  const auto names = [](const std::string& text, const std::string& asked) {
    Words list;
    for (const Variant& variant : parse_compared(text, asked)) list.push_back(variant.name);
    return list;
  };
  EXPECT_EQ(names("partial:lr=0.01, partial:lr=0.001,full:lr=1", "auto"), (Words{"partial:lr=0.01", "partial:lr=0.001", "full"}));
  EXPECT_EQ(names("partial:lr=0.01,partial", ""), (Words{"partial:lr=0.01", "partial"}));
  EXPECT_EQ(names("partial:lr=0.01", "partial"), Words{"partial:lr=0.01"});
}

TEST(ParseCompared, WhatIsNoStrategyIsRefused) {
  const auto text = [](const std::string& words) { return message_of([&] { parse_compared(words); }); };
  EXPECT_EQ(text("scrach"), "--compare scrach: no such strategy, expected head, partial, full, gradual or scratch; did you mean scratch?");
  EXPECT_EQ(text(""), "--compare '': no such strategy, expected head, partial, full, gradual or scratch");
  EXPECT_EQ(text("head,head"), "--compare head: given twice");
  EXPECT_EQ(text("head:l2=1,full,head:l2=1"), "--compare head:l2=1: given twice");
  EXPECT_EQ(message_of([&] { parse_compared("head,full", "full"); }),
            "--compare full: is what --strategy asks for; omit it, or give it options of its own: full:OPTION=VALUE");
  EXPECT_EQ(text("head:mixp"), "--compare mixp: no such option of graft fit; did you mean mixup?");
}

TEST(WordsOf, AValueAUsualValueOrAFlag) {
  const auto words = [](const std::string& text) { return words_of(text, "--options"); };
  EXPECT_EQ(words("mixup=0.4"), (Words{"--mixup", "0.4"}));
  EXPECT_EQ(words("mixup"), (Words{"--mixup", "0.2"}));
  EXPECT_EQ(words("focal"), (Words{"--loss", "focal"}));
  EXPECT_EQ(words("gray"), (Words{"--gray"}));
  EXPECT_EQ(words("grey"), (Words{"--gray"})) << "its older name";
  EXPECT_EQ(message_of([&] { words("lr"); }), "--options lr: needs a value; write lr=VALUE");
  EXPECT_EQ(message_of([&] { words(""); }), "--options '': no such option of graft fit; see graft fit --help");
}

TEST(Usual, EveryOneIsAnOptionOfFit) {
  fit::FitConfig plain;
  std::size_t count = 0;
  for (const Field& field : list_fields(plain))
    for (const UsualValue& usual : field.usual) {
      Words words = words_of(usual.name, "--options");
      words.insert(words.begin(), "photos");
      Configured<fit::FitConfig> with;
      EXPECT_NO_THROW(with = asked(words)) << usual.name;
      EXPECT_EQ(text_of(find_field(list_fields(with.values), field.name)->value()), usual.value) << usual.name;
      ++count;
    }
  EXPECT_GT(count, 25U);
  EXPECT_THROW(words_of("lr", "--options"), Error);
}

TEST(ConfiguredVariant, KeepsWhatWasAskedForAndGoesOverIt) {
  Configured<fit::FitConfig> base = asked({"photos", "--seed", "7", "--epochs", "3", "--mixup", "0.1", "--out", "run"});
  choose(base, "l2", 0.5, "cross-validation");
  const Configured<fit::FitConfig> config = configured(base, {"mixup", {"--mixup", "0.4"}});
  EXPECT_EQ(config.values.data, "photos");
  EXPECT_EQ(config.values.seed, 7U);
  EXPECT_EQ(config.values.training.epochs, 3);
  EXPECT_EQ(config.values.training.mixup, 0.4);
  EXPECT_FALSE(config.values.out);
  EXPECT_FALSE(config.values.l2);  // was chosen for the other one
  EXPECT_EQ(origin_of(config.origins, "seed").source, Source::flag);
}

TEST(ConfiguredVariant, LeavesAwayWhatHasNoPartInAnotherStrategy) {
  const Configured<fit::FitConfig> base = asked(
      {"photos", "--strategy", "partial", "--unfreeze", "2", "--l2-sp", "0.01", "--epochs", "3", "--imbalance", "weights", "--augment", "strong"});
  const auto with = [&](const char* strategy) { return configured(base, {strategy, {"--strategy", strategy}}).values; };
  EXPECT_EQ(with("full").plan.unfreeze, "");
  EXPECT_EQ(with("full").training.l2_sp, 0.01);
  EXPECT_EQ(with("scratch").training.l2_sp, 0);
  EXPECT_EQ(with("scratch").training.epochs, 3);
  EXPECT_EQ(with("head").training.epochs, 10);
  EXPECT_EQ(with("head").augment, data::AugmentPreset::light);
  EXPECT_EQ(with("head").training.imbalance, train::Imbalance::weights);
  EXPECT_EQ(with("partial").plan.unfreeze, "2") << "a sweep over the strategy that is asked for";
  EXPECT_EQ(configured(base, {"again", {}}).values.plan.unfreeze, "2");
  EXPECT_EQ(configured(base, {"steps", {"--strategy", "head", "--solver", "steps"}}).values.training.epochs, 3);
}

}  // namespace
}  // namespace graft::study
