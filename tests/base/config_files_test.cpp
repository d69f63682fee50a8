// What a config reads and writes: TOML, the JSON record, help.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>

#include "base/config_sample.h"
#include "folder.h"
#include "graft/base/files.h"

namespace graft {
namespace {

using namespace test;

TEST(ConfigToml, FileGoesOverDefaultsAndChosenButNotOverFlags) {
  const TestFolder folder;
  write_file(folder / "run.toml",
             "# mine\nl2 = 0.5\nskip_unreadable = true\nthreads = 8\nval = 0.4\ndata = \"photos\"\ntop = \"auto\"\ndrop = [\"a\", \"b\"]\n");
  const std::string path = (folder / "run.toml").string();
  auto c = fit({"--config", path, "--threads", "3"});
  EXPECT_EQ(c.values.l2, 0.5);
  EXPECT_TRUE(c.values.skip_unreadable);
  EXPECT_EQ(c.values.shared.threads, 3);
  EXPECT_EQ(c.values.data, std::filesystem::canonical(folder.path()) / "photos") << "relative to the file";
  EXPECT_EQ(c.values.drop, (Words{"a", "b"}));
  EXPECT_TRUE(choose(c, "top", 5, "")) << "auto in the file asks for a choice";
  EXPECT_EQ(describe(c, "l2"), "l2 0.5 (file: " + path + ":2)");
  EXPECT_EQ(describe(c, "threads"), "threads 3 (flag)");
  EXPECT_EQ(fit({"other", "--config", path, "--drop", "z"}).values.drop, (Words{"z"})) << "a flag replaces the file's list";

  auto later = fit({"photos", "--threads", "3"});
  choose(later, "l2", 0.1, "cross-validation");
  apply_toml(later, folder / "run.toml");
  EXPECT_EQ(later.values.l2, 0.5);
  EXPECT_EQ(later.values.shared.threads, 3);
  EXPECT_EQ(origin_of(later.origins, "threads").source, Source::flag);
}

TEST(ConfigToml, Errors) {
  const TestFolder folder;
  const auto error = [&](std::string_view text) {
    write_file(folder / "run.toml", text);
    const std::string message = fit_error({"photos", "--config", (folder / "run.toml").string()});
    const std::size_t at = message.find(folder.path().string());
    return at == std::string::npos ? message : message.substr(at + folder.path().string().size() + 1);
  };
  EXPECT_EQ(error("\n\nbakbone = \"x\"\n"), "run.toml:3:1: no such option 'bakbone'; did you mean 'backbone'?");
  EXPECT_EQ(error("\n  zebra = 1\n"), "run.toml:2:3: no such option 'zebra'");
  EXPECT_EQ(error("help = true\n"), "run.toml:1:1: no such option 'help'");
  EXPECT_EQ(error("[fit]\nval = 0.2\n"), "run.toml:1:2: no such option 'fit'");
  EXPECT_EQ(error("z = 1\nval = 7\na = 2"), "run.toml:1:1: no such option 'z'") << "the first in the file";
  EXPECT_EQ(error("val = 7\n"), "run.toml:1:7: val 7: expected between 0.01 and 0.9");
  EXPECT_EQ(error("val = \"0.2\"\n"), "run.toml:1:7: val \"0.2\": expected a number");
  EXPECT_EQ(error("val = nan\n"), "run.toml:1:7: val nan: expected a number");
  EXPECT_EQ(error("threads = 1.5\n"), "run.toml:1:11: threads 1.5: expected a whole number");
  EXPECT_EQ(error("threads = \"4\"\n"), "run.toml:1:11: threads \"4\": expected a whole number");
  EXPECT_EQ(error("threads = 4294967296\n"), "run.toml:1:11: threads 4294967296: expected at most 2147483647");
  EXPECT_EQ(error("flip = 1\n"), "run.toml:1:8: flip 1: expected true or false");
  EXPECT_EQ(error("precision = \"fp16\"\n"), "run.toml:1:13: precision \"fp16\": expected auto, float32 or bf16");
  EXPECT_EQ(error("l2 = [1]\n"), "run.toml:1:6: l2: expected a number or auto, found a list");
  EXPECT_EQ(error("note = [\"a\"]\n"), "run.toml:1:8: note: expected text, found a list");
  EXPECT_EQ(error("drop = \"a\"\n"), "run.toml:1:8: drop \"a\": expected a list of texts");
  EXPECT_EQ(error("drop = [\"a\", 1]\n"), "run.toml:1:8: drop: expected a list of texts, found a list with other things");
  EXPECT_EQ(error("l2 = {a = 1}\n"), "run.toml:1:6: l2: expected a number or auto, found a table");
  EXPECT_EQ(error("l2 = 2020-01-01\n"), "run.toml:1:6: l2: expected a number or auto, found a date or time");
  EXPECT_EQ(error("skip-unreadable = true\nskip_unreadable = false\n"), "run.toml:2:1: 'skip-unreadable' given twice");
  EXPECT_EQ(error("val = \n").substr(0, 24), "run.toml:1:7: not TOML: ");
  EXPECT_EQ(error("note = \"\xff\"\n").substr(0, 24), "run.toml:1:8: not TOML: ");
  EXPECT_EQ(fit_error({"photos", "--config", "/none.toml"}), "data: /none.toml: cannot read: No such file or directory");
  write_file(folder / "run.toml", "threads = 0\n");
  EXPECT_NE(fit_error({"photos", "--threads", "1", "--config", (folder / "run.toml").string()}), "no error")
      << "also checked where a flag goes over it";
}

TEST(ConfigToml, WritesEveryValueWithItsSource) {
  const TestFolder folder;
  write_file(folder / "in.toml", "val = 0.25\n");
  const std::string path = (folder / "in.toml").string();
  auto c = fit({"pho\"to\\s", "--config", path, "--seed", "18446744073709551615", "--note", "a\tb"});
  choose(c, "l2", 1.0, "5-fold\ncross-validation");
  EXPECT_EQ(toml_text(c),
            "data = \"pho\\\"to\\\\s\"  # flag\n"
            "backbone = \"efficientnet_lite0\"  # default\n"
            "val = 0.25  # file: " +
                path +
                ":1\n"
                "l2 = 1.0  # chosen: 5-fold\\x0across-validation\n"
                "precision = \"auto\"  # default\n"
                "cache-precision = \"auto\"  # default\n"
                "skip-unreadable = false  # default\n"
                "flip = true  # default\n"
                "offset = 0  # default\n"
                "top = \"auto\"  # default\n"
                "drop = []  # default\n"
                "note = \"a\\u0009b\"  # flag\n"
                "out = \"\"  # default\n"
                "quiet = false  # default\n"
                "threads = 2  # default\n"
                "seed = \"18446744073709551615\"  # flag\n");
}

TEST(ConfigToml, WhatIsWrittenReadsBackTheSame) {
  const TestFolder folder;
  EXPECT_TRUE(rc::check([&](double number, uint64_t seed, int64_t offset, const std::vector<uint8_t>& letters, bool flip) {
    RC_PRE(std::isfinite(number));
    Configured<FitConfig> c;
    c.values.data = "d";
    c.values.l2 = std::abs(number) + 1e-300;
    c.values.shared.seed = seed;
    c.values.offset = offset;
    c.values.flip = flip;
    for (const uint8_t letter : letters) c.values.note += static_cast<char>(letter % 127 + 1);  // ASCII with control characters
    c.values.drop = {c.values.note, "ä"};
    write_file(folder / "out.toml", toml_text(c));
    Configured<FitConfig> again;
    apply_toml(again, folder / "out.toml");
    RC_ASSERT(again.values.l2 == c.values.l2);
    RC_ASSERT(again.values.shared.seed == seed);
    RC_ASSERT(again.values.offset == offset);
    RC_ASSERT(again.values.flip == flip);
    RC_ASSERT(again.values.note == c.values.note);
    RC_ASSERT(again.values.drop == c.values.drop);
    RC_ASSERT(json_record(again)["val"]["value"] == 0.2);
  }));
}

TEST(ConfigJson, RecordsValueAndSource) {
  auto c = configure<Shared>({"graft x", "", {}}, Words{"--quiet"});
  choose(c, "threads", 3, "3 CPUs");
  EXPECT_EQ(json_record(c).dump(), R"({"quiet":{"value":true,"source":"flag"},"threads":{"value":3,"source":"chosen","reason":"3 CPUs"},)"
                                   R"("seed":{"value":0,"source":"default"}})");
  const auto fit_record = json_record(fit({"caf\xE9", "--drop", "a"}));
  EXPECT_TRUE(fit_record["l2"]["value"].is_null());
  EXPECT_EQ(fit_record["precision"]["value"], "auto");
  EXPECT_EQ(fit_record["drop"]["value"].dump(), R"(["a"])");
  EXPECT_EQ(fit_record["data"]["value"], "caf\\xe9");
}

TEST(ConfigHelp, IsTheReference) {
  EXPECT_EQ(help<FitConfig>(kFit), R"(Usage: graft fit DATA [options]

Train a classifier on a folder of labelled images.

Arguments:
  DATA                        folder of class folders, or a CSV of path,label

Options:
  --backbone NAME             pretrained network, see `graft models` (efficientnet_lite0,
                              squeezenet1_1 or resnet18; default efficientnet_lite0; also --model,
                              --arch, --model-name)
  --val NUMBER                part of the training images held out for validation (between 0.01 and
                              0.9; default 0.2; also --validation-data, --val-dir)
  --l2 NUMBER                 strength of the L2 penalty (above 0; default auto)
  --precision auto|float32|bf16
                              of the engine's arithmetic (default auto)
  --cache-precision auto|float32|bf16
                              of the cache (default auto)

Images:
  --skip-unreadable           go on without images that cannot be read
  --[no-]flip                 also train on mirrored images (default on; also --hflip, --fliplr)
  --offset N                  first image to use (default 0)
  --top N                     use at most this many images (default auto; also --top-k, --topk)
  --drop CLASS                a class to leave out; may be given again

Output:
  --note TEXT                 free text kept with the run
  -o, --out FOLDER            folder to make (also --output, --output-dir, --save-dir)

Run:
  -q, --quiet                 no progress
  --threads N                 CPUs to use (at least 1; default all CPUs)
  --seed N                    of every random choice (default 0; also --random-seed, --random-state)

Everywhere:
  --config FILE               read options from a TOML file; flags override it
  -h, --help                  show this text

Examples:
  graft fit photos/
  graft fit photos/ --val 0.3
)");
}

struct Wide {
  double number = 0.125;
  void fields(FieldList& v) {
    v("a-rather-long-name-of-an-option", number,
      "a sentence that goes on and on, until it has to be broken into at least two lines, as it is far too long", between(0.001, 1000));
  }
};

TEST(ConfigHelp, StaysWithin100Columns) {
  std::string line;
  for (const char c : help<Wide>({"graft wide", std::string(30, 'x') + " " + std::string(80, 'y'), {}}) + "\n") {
    if (c != '\n') line += c;
    else {
      EXPECT_LE(line.size(), 100U) << line;
      line.clear();
    }
  }
}

}  // namespace
}  // namespace graft
