#include "graft/study/recipe.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bmp.h"
#include "error_text.h"
#include "folder.h"
#include "graft/base/error.h"
#include "graft/base/files.h"

namespace graft::study {
namespace {

using test::message_of;
using Words = std::vector<std::string>;

Configured<fit::FitConfig> asked(const Words& words) { return configure<fit::FitConfig>({"graft fit", "", {}}, words); }

constexpr const char* kText =
    "title = \"T\"\nsource = \"S\"\nexpected = \"E\"\n[options]\nlr = 1e-3\nbatch = 8\nzoom = [0.8, 1.2]\nmirror = true\n"
    "[[when]]\nimages-below = 10\nsteps = 6\nmixup = 0.1\n[[when]]\nsteps = 30\n";

TEST(ParseRecipe, OptionsAreWordsOfTheCommandLine) {
  const Recipe recipe = parse_recipe(kText, "mine");
  EXPECT_EQ(recipe.title, "T");
  EXPECT_EQ(recipe.source, "S");
  EXPECT_EQ(recipe.expected, "E");
  EXPECT_EQ(recipe.words, (Words{"--lr=0.001", "--batch=8", "--zoom=0.8,1.2", "--mirror"}));
  ASSERT_EQ(recipe.whens.size(), 2U);
  EXPECT_EQ(recipe.whens[0].images_below, 10U);
  EXPECT_EQ(recipe.whens[0].steps, 6);
  EXPECT_EQ(recipe.whens[0].words, (Words{"--mixup=0.1"}));
  EXPECT_FALSE(recipe.whens[1].images_below);
}

TEST(ParseRecipe, PhasesAndRowsAreTrainings) {
  const Recipe phases = parse_recipe("[[phase]]\nname = \"head\"\nlr = 1\n[[phase]]\nepochs = 2\n", "p");
  ASSERT_EQ(phases.phases.size(), 2U);
  EXPECT_EQ(phases.phases[0].name, "head");
  EXPECT_EQ(phases.phases[1].name, "phase2");
  EXPECT_EQ(phases.phases[1].words, (Words{"--epochs=2"}));
}

TEST(ParseRecipe, OlderNamesAreTaken) {
  EXPECT_EQ(parse_recipe("[options]\noptimiser = \"sgd\"\ngrey = true\n", "mine").words, (Words{"--optimiser=sgd", "--grey"}));
}

TEST(ParseRecipe, WhatIsNoRecipeIsRefused) {
  const auto text = [](const std::string& toml) { return message_of([&] { parse_recipe(toml, "mine"); }); };
  EXPECT_EQ(text("lr = 1\n"), "recipe mine: 'lr' is outside of a table, expected title, source and expected; options belong below [options]");
  EXPECT_EQ(text("[option]\nlr = 1\n"), "recipe mine: 'option' is not a table of a recipe, expected options, when, phase or row");
  EXPECT_EQ(text("[options]\nmixp = 1\n"), "recipe mine: --mixp: no such option; did you mean --mixup?");
  EXPECT_EQ(text("[options]\nmixup = -1\n"), "recipe mine: --mixup -1: expected between 0 and 100");
  EXPECT_EQ(text("[options]\n[options.deep]\n"), "mine:2:10: deep: is a table inside of another, expected options");
  EXPECT_EQ(text("[[when]]\nsteps = 0\n"), "recipe mine: steps 0: expected a whole number, at least 1");
  EXPECT_EQ(text("[[row]]\n[[phase]]\n"), "recipe mine: has phases and rows, expected one of them");
  EXPECT_TRUE(text("title = \n").starts_with("mine:1:9: not TOML: "));
}

TEST(FindRecipe, ByNameOrFile) {
  EXPECT_EQ(find_recipe("ladder").rows.size(), 4U);
  EXPECT_EQ(message_of([] { find_recipe("laddr"); }), "--recipe laddr: no such recipe; did you mean ladder?");
  EXPECT_EQ(message_of([] { find_recipe("x-y-z"); }), "--recipe x-y-z: no such recipe; `graft recipes` lists them; a file of your own ends in .toml");
  TestFolder folder;
  write_file(folder / "own.toml", kText);
  EXPECT_EQ(find_recipe((folder / "own.toml").string()).title, "T");
}

TEST(Recipes, SayWhatTheyAre) {
  ASSERT_EQ(recipes().size(), 9U);
  for (const Recipe& recipe : recipes()) {
    EXPECT_FALSE(recipe.title.empty()) << recipe.name;
    EXPECT_FALSE(recipe.source.empty()) << recipe.name;
    EXPECT_FALSE(recipe.expected.empty()) << recipe.name;
  }
}

class WithRecipe : public testing::Test {
 protected:
  WithRecipe() {
    for (int i = 0; i < 10; ++i) write_file(folder_ / (i % 2 == 0 ? "photos/a" : "photos/b") / (std::to_string(i) + ".bmp"), made_photo(i % 2, i));
  }
  Configured<fit::FitConfig> with(Words more, const std::string& text = kText) {
    more.insert(more.begin(), (folder_ / "photos").string());
    return with_recipe(asked(more), parse_recipe(text, "mine"));
  }
  TestFolder folder_;
};

TEST_F(WithRecipe, TheUserGoesOverIt) {
  const auto config = with({"--lr", "0.5"});
  EXPECT_EQ(config.values.training.lr, 0.5);
  EXPECT_EQ(config.values.training.batch, 8);
  EXPECT_EQ(origin_of(config.origins, "lr").source, Source::flag);
  EXPECT_EQ(origin_of(config.origins, "batch").source, Source::file);
  EXPECT_EQ(origin_of(config.origins, "batch").reason, "recipe mine");
}

TEST_F(WithRecipe, StepsBecomeEpochsOfThePhotosThatTrain) {
  const auto few = with({});  // 8 of 10 photos train: a batch each
  EXPECT_EQ(few.values.training.epochs, 6);
  EXPECT_EQ(few.values.training.mixup, 0.1);
  EXPECT_EQ(with({"--epochs", "2"}).values.training.epochs, 2);
  EXPECT_EQ(with({"--batch", "4"}).values.training.epochs, 3);
  const std::string many = "[[when]]\nimages-below = 8\nsteps = 6\nmixup = 0.1\n[[when]]\nsteps = 30\nbatch = 8\n";
  EXPECT_EQ(with({}, many).values.training.epochs, 30);
  EXPECT_EQ(with({}, many).values.training.mixup, 0);
}

TEST(WithoutGiven, KeepsWhatTheUserLeftOpen) {
  const Variant variant{"row", {"--lr=0.1", "--no-mirror", "--epochs=3"}};
  EXPECT_EQ(without_given(variant, asked({"photos", "--mirror", "--lr", "1"}).origins).words, (Words{"--epochs=3"}));
}

}  // namespace
}  // namespace graft::study
