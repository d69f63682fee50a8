// The words of other tools: taken where they mean the same, explained where they do not.
#include "graft/base/other_names.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "error_text.h"
#include "folder.h"
#include "graft/base/config.h"
#include "graft/base/files.h"

namespace graft {
namespace {

using Words = std::vector<std::string>;

enum class Metric { val_loss, val_accuracy };

struct Training {
  double lr = 0.1;
  int batch = 32;
  bool find_lr = false;
  double warmup = 0;
  bool grey = false;
  Metric metric = Metric::val_accuracy;
  std::string kind = "Lion";
  void fields(FieldList& v) {
    v("lr", lr, "learning rate", above(0));
    v("batch", batch, "photos per step", at_least(1));
    v("find-lr", find_lr, "train nothing");
    v("warmup", warmup, "part of the run");
    v("gray", grey, "one channel");
    v("stop-metric", metric, "of epochs", names<Metric>{{"val-loss", Metric::val_loss}, {"val-accuracy", Metric::val_accuracy}});
    v("optimizer", kind, "what steps", one_of({"adamw", "Lion"}));
  }
};

const CommandText kText{"graft fit", "", {}};

Configured<Training> read(const Words& words) { return configure<Training>(kText, words); }
std::string error_of_words(const Words& words) {
  return test::error_of([&] { read(words); });
}

TEST(OtherNames, AreTakenAndRecordedAsGraftsOwn) {
  const auto c = read({"--learning-rate", "0.5", "--batch-size=8", "--lr-find", "--batch_size", "8"});
  EXPECT_EQ(c.values.lr, 0.5);
  EXPECT_EQ(c.values.batch, 8);
  EXPECT_TRUE(c.values.find_lr);
  EXPECT_EQ(origin_of(c.origins, "lr").source, Source::flag);
  EXPECT_EQ(c.origins.size(), 3U) << "by graft's names alone";
  EXPECT_TRUE(toml_text(c).starts_with("lr = 0.5  # flag\nbatch = 8  # flag\n")) << toml_text(c);
}

TEST(OtherNames, AreTheSameOptionAsGraftsOwn) {
  EXPECT_EQ(error_of_words({"--lr", "0.1", "--lr0", "0.2"}), "usage: --lr: given twice");
  EXPECT_EQ(error_of_words({"--bs", "0"}), "usage: --batch 0: expected at least 1");
  EXPECT_EQ(error_of_words({"--learning-rate"}), "usage: --lr: needs a value");
}

TEST(OtherNames, OfAnotherMeaningSayWhatGraftHas) {
  EXPECT_EQ(error_of_words({"--warmup-epochs", "3"}),
            "usage: --warmup-epochs: no such option; graft calls it --warmup, as a part of the run: 3 of 30 epochs are 0.1");
  EXPECT_EQ(error_of_words({"--warmup_epochs=3"}),
            "usage: --warmup_epochs: no such option; graft calls it --warmup, as a part of the run: 3 of 30 epochs are 0.1");
}

TEST(OtherNames, ATypoInOneFindsTheOption) {
  EXPECT_EQ(error_of_words({"--learning-rat", "3"}), "usage: --learning-rat: no such option; did you mean --lr?");
  EXPECT_EQ(error_of_words({"--batch_siz=3"}), "usage: --batch_siz: no such option; did you mean --batch?");
}

TEST(OtherNames, AreUnknownToCommandsWithoutTheOption) {
  EXPECT_EQ(error_of_words({"--imgsz", "64"}), "usage: --imgsz: no such option; see graft fit --help");
  EXPECT_EQ(error_of_words({"--early-stopping"}), "usage: --early-stopping: no such option; see graft fit --help");
}

TEST(OtherNames, StandInTomlFilesToo) {
  const TestFolder folder;
  const auto toml = [&](const std::string& text) {
    write_file(folder / "c.toml", text);
    return read({"--config", (folder / "c.toml").string()});
  };
  const auto c = toml("learning_rate = 0.25\nbs = 4\n");
  EXPECT_EQ(c.values.lr, 0.25);
  EXPECT_EQ(c.values.batch, 4);
  EXPECT_EQ(origin_of(c.origins, "lr").source, Source::file);
  const std::string place = "usage: " + (folder / "c.toml").string();
  EXPECT_EQ(test::error_of([&] { toml("lr = 1\nlearning-rate = 2\n"); }), place + ":2:1: 'lr' given twice");
  EXPECT_EQ(test::error_of([&] { toml("warmup_epochs = 3\n"); }),
            place + ":1:1: no such option 'warmup_epochs'; graft calls it --warmup, as a part of the run: 3 of 30 epochs are 0.1");
}

TEST(OtherNames, ABareAssignmentIsTakenForWhatItIs) {
  EXPECT_EQ(error_of_words({"lr=0.1"}), "usage: lr=0.1: unexpected argument; did you mean --lr=0.1?");
  EXPECT_EQ(error_of_words({"batch_size=4"}), "usage: batch_size=4: unexpected argument; did you mean --batch_size=4?");
  EXPECT_EQ(error_of_words({"what=4"}), "usage: what=4: unexpected argument; usage: graft fit [options]");
}

TEST(OtherNames, ChoicesAreReadWhateverTheirCase) {
  EXPECT_EQ(read({"--optimizer", "AdamW"}).values.kind, "adamw");
  EXPECT_EQ(read({"--optimizer", "lion"}).values.kind, "Lion");
  EXPECT_EQ(read({"--monitor", "val_loss"}).values.metric, Metric::val_loss);
  EXPECT_EQ(error_of_words({"--optimizer", "sgd"}), "usage: --optimizer sgd: expected adamw or Lion");
}

TEST(OtherNames, TheBritishSpellingOfOlderRunsIsTaken) {
  EXPECT_EQ(read({"--optimiser", "lion"}).values.kind, "Lion");
  EXPECT_TRUE(read({"--grey"}).values.grey);
  EXPECT_FALSE(read({"--no-grey"}).values.grey);
  EXPECT_EQ(error_of_words({"--grey", "--no-gray"}), "usage: --gray: given twice");
  EXPECT_EQ(error_of_words({"--no-optimiser"}), "usage: --no-optimiser: no such option; did you mean --optimizer?");
  const auto record = nlohmann::ordered_json::parse(
      R"({"optimiser": {"value": "Lion", "source": "flag"}, "grey": {"value": true, "source": "chosen", "reason": "one channel"}})");
  auto c = read({});
  apply_record(c, record, "config.json");
  EXPECT_EQ(c.values.kind, "Lion");
  EXPECT_TRUE(c.values.grey);
  EXPECT_EQ(describe(c, "gray"), "gray true (chosen: one channel)");
  EXPECT_EQ(origin_of(c.origins, "optimizer").source, Source::flag);
  EXPECT_EQ(c.origins.count("optimiser"), 0U);
  auto given = read({"--optimizer", "adamw"});
  apply_record(given, record, "config.json");
  EXPECT_EQ(given.values.kind, "adamw") << "a flag goes over a record, whatever the record calls it";
}

TEST(OtherNames, TheHelpShowsThemBesideTheOption) {
  const std::string text = help<Training>(kText);
  EXPECT_NE(text.find("photos per step (at least 1; default 32; also --batch-size, --bs)\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace graft
