#include "graft/base/config.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/config_sample.h"
#include "folder.h"
#include "graft/base/files.h"

namespace graft {
namespace {

using namespace test;

TEST(Config, DefaultsStayWithoutWords) {
  const auto c = fit({"photos"});
  EXPECT_EQ(c.values.data, "photos");
  EXPECT_EQ(c.values.val, 0.2);
  EXPECT_EQ(c.values.l2, std::nullopt);
  EXPECT_EQ(c.values.shared.threads, 2);
  EXPECT_EQ(c.origins.size(), 1U);
  EXPECT_EQ(origin_of(c.origins, "data").source, Source::flag);
  EXPECT_EQ(origin_of(c.origins, "val").source, Source::by_default);
}

TEST(Config, ReadsEveryTypeAndForm) {
  const auto c = fit({"--backbone",
                      "resnet18",
                      "--val=0.5",
                      "--l2",
                      "1e-3",
                      "--precision",
                      "bf16",
                      "--cache-precision=float32",
                      "--skip-unreadable",
                      "--no-flip",
                      "--offset",
                      "-5",
                      "--top",
                      "7",
                      "--note",
                      "",
                      "-o",
                      "runs/a",
                      "--drop",
                      "x",
                      "--drop=y",
                      "-q",
                      "--threads",
                      "1",
                      "--seed",
                      "18446744073709551615",
                      "photos"});
  EXPECT_EQ(c.values.backbone, "resnet18");
  EXPECT_EQ(c.values.val, 0.5);
  EXPECT_EQ(c.values.l2, 1e-3);
  EXPECT_EQ(c.values.precision, Precision::bf16);
  EXPECT_EQ(c.values.cache_precision, Precision::float32);
  EXPECT_TRUE(c.values.skip_unreadable);
  EXPECT_FALSE(c.values.flip);
  EXPECT_EQ(c.values.offset, -5);
  EXPECT_EQ(c.values.top, 7);
  EXPECT_EQ(c.values.out, "runs/a");
  EXPECT_EQ(c.values.drop, (Words{"x", "y"}));
  EXPECT_TRUE(c.values.shared.quiet);
  EXPECT_EQ(c.values.shared.threads, 1);
  EXPECT_EQ(c.values.shared.seed, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(c.origins.size(), 16U);
}

TEST(Config, AutoEmptiesAnOptional) {
  const auto c = fit({"photos", "--l2", "auto", "--top=auto", "--cache-precision", "auto"});
  EXPECT_EQ(c.values.l2, std::nullopt);
  EXPECT_EQ(c.values.top, std::nullopt);
  EXPECT_EQ(c.values.cache_precision, std::nullopt);
  EXPECT_EQ(origin_of(c.origins, "l2").source, Source::flag) << "said by the user, so nothing may be chosen over it";
}

TEST(Config, PositionalsAndTheEndOfOptions) {
  const Words words{"run", "a.jpg", "--", "--val", "-5", "-"};
  const auto c = configure<PredictConfig>(kPredict, words);
  EXPECT_EQ(c.values.model, "run");
  EXPECT_EQ(c.values.images, (std::vector<std::filesystem::path>{"a.jpg", "--val", "-5", "-"}));
  EXPECT_TRUE(configure<PredictConfig>(kPredict, Words{"run"}).values.images.empty());
  EXPECT_EQ(fit({"-"}).values.data, "-");
}

TEST(ConfigErrors, Values) {
  EXPECT_EQ(fit_error({"--l2", "1e-3x"}), "usage: --l2 1e-3x: expected a number or auto");
  EXPECT_EQ(fit_error({"--val", "1e-3x"}), "usage: --val 1e-3x: expected a number");
  for (const std::string text : {"nan", "inf", "1e999", "+1", " 1", "1 ", "0x1p3", "1,5"})
    EXPECT_EQ(fit_error({"--val=" + text}), "usage: --val " + text + ": expected a number");
  EXPECT_EQ(fit_error({"--val="}), "usage: --val '': expected a number");
  EXPECT_EQ(fit_error({"--val", "0.95"}), "usage: --val 0.95: expected between 0.01 and 0.9");
  EXPECT_EQ(fit_error({"--val", "0.001"}), "usage: --val 0.001: expected between 0.01 and 0.9");
  EXPECT_EQ(fit_error({"--l2", "0"}), "usage: --l2 0: expected above 0");
  EXPECT_EQ(fit_error({"--l2", "-1e-3"}), "usage: --l2 -1e-3: expected above 0");
  EXPECT_EQ(fit_error({"--threads", "0"}), "usage: --threads 0: expected at least 1");
  EXPECT_EQ(fit_error({"--threads", "-99999999999999999999"}), "usage: --threads -99999999999999999999: expected at least 1");
  EXPECT_EQ(fit_error({"--threads", "2147483648"}), "usage: --threads 2147483648: expected at most 2147483647");
  EXPECT_EQ(fit_error({"--threads", "99999999999999999999"}), "usage: --threads 99999999999999999999: expected at most 2147483647");
  EXPECT_EQ(fit_error({"--threads", "1.5"}), "usage: --threads 1.5: expected a whole number");
  EXPECT_EQ(fit_error({"--seed", "-1"}), "usage: --seed -1: expected at least 0");
  EXPECT_EQ(fit_error({"--seed", "18446744073709551616"}), "usage: --seed 18446744073709551616: expected at most 18446744073709551615");
  EXPECT_EQ(fit_error({"--offset=-9223372036854775809"}), "usage: --offset -9223372036854775809: expected at least -9223372036854775808");
  EXPECT_EQ(fit_error({"--top", "9999999999"}), "usage: --top 9999999999: expected at most 2147483647");
  EXPECT_EQ(fit_error({"--top", "many"}), "usage: --top many: expected a whole number or auto");
  EXPECT_EQ(fit_error({"--out", ""}), "usage: --out '': expected a path");
  EXPECT_EQ(fit_error({"--val", "\x1b[2J"}), "usage: --val \\x1b[2J: expected a number");
}

TEST(ConfigErrors, Choices) {
  EXPECT_EQ(fit_error({"--precision", "fp16"}), "usage: --precision fp16: expected auto, float32 or bf16");
  EXPECT_EQ(fit_error({"--precision", "flaot32"}), "usage: --precision flaot32: expected auto, float32 or bf16; did you mean float32?");
  EXPECT_EQ(fit_error({"--cache-precision", "x"}), "usage: --cache-precision x: expected float32, bf16 or auto");
  EXPECT_EQ(fit_error({"--backbone", "resnet81"}),
            "usage: --backbone resnet81: expected efficientnet_lite0, squeezenet1_1 or resnet18; did you mean resnet18?");
}

TEST(ConfigErrors, Names) {
  EXPECT_EQ(fit_error({"--bakbone", "x"}), "usage: --bakbone: no such option; did you mean --backbone?");
  EXPECT_EQ(fit_error({"--bakbone=x"}), "usage: --bakbone: no such option; did you mean --backbone?");
  EXPECT_EQ(fit_error({"-backbone", "x"}), "usage: -backbone: no such option; did you mean --backbone?");
  EXPECT_EQ(fit_error({"---skip-unreadable"}), "usage: ---skip-unreadable: no such option; did you mean --skip-unreadable?");
  EXPECT_EQ(fit_error({"--no-skip-unreadble"}), "usage: --no-skip-unreadble: no such option; did you mean --no-skip-unreadable?");
  EXPECT_EQ(fit_error({"--no-val"}), "usage: --no-val: no such option; see graft fit --help");
  EXPECT_EQ(fit_error({"--confg", "x"}), "usage: --confg: no such option; did you mean --config?");
  EXPECT_EQ(fit_error({"--zebra-crossing"}), "usage: --zebra-crossing: no such option; see graft fit --help");
  EXPECT_EQ(fit_error({"-x"}), "usage: -x: no such option; see graft fit --help");
  EXPECT_EQ(fit_error({"--data", "photos"}), "usage: --data: no such option; usage: graft fit DATA [options]");
}

TEST(ConfigErrors, Shape) {
  EXPECT_EQ(fit_error({"photos", "--backbone"}), "usage: --backbone: needs a value");
  EXPECT_EQ(fit_error({"photos", "--backbone", "--val", "0.2"}), "usage: --backbone: needs a value");
  EXPECT_EQ(fit_error({"photos", "-o"}), "usage: --out: needs a value");
  EXPECT_EQ(fit_error({"photos", "--out", "--", "x"}), "usage: --out: needs a value");
  EXPECT_EQ(fit_error({"photos", "--quiet=yes"}), "usage: --quiet=yes: expected no value; give --quiet or --no-quiet");
  EXPECT_EQ(fit_error({}), "usage: data: missing; usage: graft fit DATA [options]");
  EXPECT_EQ(fit_error({""}), "usage: data '': expected a path");
  EXPECT_EQ(fit_error({"photos", "more"}), "usage: more: unexpected argument; usage: graft fit DATA [options]");
  EXPECT_EQ(fit_error({"photos", "--l2", "1", "--l2", "2"}), "usage: --l2: given twice");
  EXPECT_EQ(fit_error({"photos", "-q", "--no-quiet"}), "usage: --quiet: given twice");
  EXPECT_EQ(fit_error({"photos", "--l2", "1", "--l2=1.0"}), "no error") << "the same value twice does no harm";
  EXPECT_EQ(error_of([] { configure<PredictConfig>(kPredict, Words{}); }), "usage: model: missing; usage: graft predict MODEL [IMAGES...] [options]");
}

TEST(Config, HelpIsAskedForInSpiteOfErrors) {
  EXPECT_TRUE(fit({"--bakbone", "--help"}).help_asked);
  EXPECT_TRUE(fit({"-h"}).help_asked);
  EXPECT_FALSE(fit({"photos"}).help_asked);
  EXPECT_EQ(fit({"--", "-h"}).values.data, "-h");
}

TEST(Config, ChooseOnlyOverDefaults) {
  auto c = fit({"photos", "--val", "0.3"});
  EXPECT_TRUE(choose(c, "l2", 0.03, "5-fold cross-validation"));
  EXPECT_FALSE(choose(c, "l2", 0.5, "again"));
  EXPECT_FALSE(choose(c, "val", 0.1, "many photos"));
  EXPECT_TRUE(choose(c, "precision", Precision::bf16, "2.1 times as fast"));
  EXPECT_TRUE(choose(c, "threads", 4, ""));
  EXPECT_TRUE(choose(c, "seed", uint64_t{7}, "")) << "unsigned";
  EXPECT_TRUE(choose(c, "backbone", "resnet18", "small photos"));
  EXPECT_TRUE(choose(c, "out", std::filesystem::path("runs/x"), "today"));
  EXPECT_TRUE(choose(c, "flip", false, "text"));
  EXPECT_EQ(c.values.l2, 0.03);
  EXPECT_EQ(c.values.val, 0.3);
  EXPECT_EQ(c.values.precision, Precision::bf16);
  EXPECT_FALSE(c.values.flip);
  EXPECT_EQ(describe(c, "l2"), "l2 0.03 (chosen: 5-fold cross-validation)");
  EXPECT_EQ(describe(c, "val"), "val 0.3 (flag)");
  EXPECT_EQ(describe(c, "top"), "top auto (default)");
  EXPECT_EQ(describe(c, "precision"), "precision bf16 (chosen: 2.1 times as fast)");
}

TEST(Config, OurOwnMistakesAreLogicErrors) {
  auto c = fit({"photos"});
  EXPECT_THROW(choose(c, "l3", 1.0, ""), std::logic_error);
  EXPECT_THROW(choose(c, "l2", 0.0, ""), std::logic_error);
  EXPECT_THROW(choose(c, "l2", "x", ""), std::logic_error);
  EXPECT_THROW(choose(c, "threads", 1.5, ""), std::logic_error);
  EXPECT_THROW(choose(c, "cache-precision", Precision::automatic, ""), std::logic_error);
  const auto wrong = [](auto&&... rules) {
    int a = 0, b = 1;
    FieldList list;
    list("a", a, "", rules...);
    list("b", b, "", Shorthand{'b'});
    EXPECT_THROW(check_fields(list.take()), std::logic_error);
  };
  wrong(at_least(1));
  wrong(Shorthand{'b'});
  FieldList twice;
  int a = 0;
  Precision p{};
  twice("a", a, "");
  check_fields(std::vector<Field>(twice.take()));
  twice = FieldList();
  twice("a", a, "");
  twice("a", a, "");
  EXPECT_THROW(check_fields(twice.take()), std::logic_error);
  FieldList nameless;
  nameless("p", p, "");
  EXPECT_THROW(check_fields(nameless.take()), std::logic_error);
}

// Whatever the words, the answer is a config or an Error, and never a value outside of its range.
TEST(Config, AnyWordsAreReadOrRefused) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& picks) {
    static const Words kSome{"--val",     "--val=0.5", "-1", "1",     "--", "-",  "-q",   "--threads", "--no-quiet",
                             "--l2=auto", "x",         "",   "--no-", "=",  "-=", "--=1", "0.5",       "\xff"};
    Words words;
    for (const uint8_t pick : picks) words.push_back(kSome[pick % kSome.size()]);
    try {
      const auto c = fit(words);
      RC_ASSERT(c.values.val >= 0.01 && c.values.val <= 0.9);
      RC_ASSERT(c.values.shared.threads >= 1);
      RC_ASSERT(!c.values.data.empty());
    } catch (const Error& error) {
      RC_ASSERT(error.exit_code() == 2);
    }
  }));
}

struct WithSize {
  Size size = 224;
  std::optional<Size> other;
  void fields(FieldList& v) {
    v("size", size, "of the picture", between(8, 1024));
    v("other", other, "of another");
  }
};

WithSize sizes(const Words& words) { return configure<WithSize>({"graft x", "", {}}, words).values; }

/// A square is its side, in words and in files; another picture is height and width.
TEST(Config, SizesOfPictures) {
  EXPECT_EQ(sizes({}).size, Size(224));
  EXPECT_EQ(sizes({"--size", "96"}).size, Size(96, 96));
  EXPECT_EQ(sizes({"--size", "256x128"}).size, Size(256, 128));
  EXPECT_EQ(sizes({"--other", "0x1"}).other, Size(0, 1));
  EXPECT_EQ(sizes({"--other", "auto"}).other, std::nullopt);
  for (const std::string text : {"256x", "x128", "256x128x3", "256X128", "2.5", "", "256 x 128", "99999999999"})
    EXPECT_EQ(error_of([&] { sizes({"--size=" + text}); }), "usage: --size " + (text.empty() ? "''" : text) + ": expected a side or HEIGHTxWIDTH");
  for (const std::string text : {"7", "1025", "256x7", "1025x256"})
    EXPECT_EQ(error_of([&] { sizes({"--size", text}); }), "usage: --size " + text + ": expected between 8 and 1024");
}

TEST(Config, SizesInFiles) {
  const TestFolder folder;
  Configured<WithSize> c = configure<WithSize>({"graft x", "", {}}, Words{"--size", "256x128"});
  choose(c, "other", Size(96), "as trained");
  const std::string toml = toml_text(c);
  EXPECT_NE(toml.find("size = \"256x128\"  # flag\nother = 96  # chosen: as trained\n"), std::string::npos) << toml;
  EXPECT_EQ(json_record(c).dump(), R"({"size":{"value":"256x128","source":"flag"},"other":{"value":96,"source":"chosen","reason":"as trained"}})");
  write_file(folder / "c.toml", toml);
  EXPECT_EQ(sizes({"--config", (folder / "c.toml").string()}).size, Size(256, 128));
  EXPECT_EQ(sizes({"--config", (folder / "c.toml").string()}).other, Size(96));
  Configured<WithSize> again = configure<WithSize>({"graft x", "", {}}, Words{});
  apply_record(again, json_record(c), "record");
  EXPECT_EQ(again.values.size, Size(256, 128));
}

}  // namespace
}  // namespace graft
