// The JSON record of options, written and read back.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/config_sample.h"

namespace graft {
namespace {

using namespace test;
using Json = nlohmann::ordered_json;

std::string record_error(const Json& record) {
  auto c = fit({"photos"});
  return error_of([&] { apply_record(c, record, "config.json"); });
}

std::string changed(const std::string& fact) {
  return "data: config.json: " + fact + "; it was written by another version of graft, or changed by hand";
}

TEST(Record, ValuesAndSourcesOfEveryTypeComeBack) {
  auto c = fit({"my photos",
                "--l2",
                "0.1",
                "--precision",
                "bf16",
                "--cache-precision",
                "float32",
                "--skip-unreadable",
                "--no-flip",
                "--offset",
                "-3",
                "--note",
                "a \"note\"",
                "--out",
                "run",
                "--drop",
                "a",
                "--drop",
                "b",
                "--seed",
                "18446744073709551615"});
  choose(c, "top", 5, "244 photos");
  auto back = fit({"--quiet", "x"});
  back.origins.erase("data");
  apply_record(back, json_record(c), "config.json");
  EXPECT_EQ(back.values.data, "my photos");
  EXPECT_EQ(back.values.l2, 0.1);
  EXPECT_EQ(back.values.precision, Precision::bf16);
  EXPECT_EQ(back.values.cache_precision, Precision::float32);
  EXPECT_TRUE(back.values.skip_unreadable);
  EXPECT_FALSE(back.values.flip);
  EXPECT_EQ(back.values.offset, -3);
  EXPECT_EQ(back.values.note, "a \"note\"");
  EXPECT_EQ(back.values.out, "run");
  EXPECT_EQ(back.values.drop, (Words{"a", "b"}));
  EXPECT_EQ(back.values.shared.seed, 18446744073709551615ULL);
  EXPECT_EQ(describe(back, "top"), "top 5 (chosen: 244 photos)");
  EXPECT_EQ(describe(back, "l2"), "l2 0.1 (flag)");
  EXPECT_EQ(describe(back, "val"), "val 0.2 (default)");
  EXPECT_TRUE(back.values.shared.quiet);
}

TEST(Record, DoesNotGoOverFlags) {
  auto c = fit({"other", "--l2", "0.5"});
  apply_record(c, json_record(fit({"photos", "--l2", "0.1", "--top", "3"})), "config.json");
  EXPECT_EQ(c.values.data, "other");
  EXPECT_EQ(c.values.l2, 0.5);
  EXPECT_EQ(c.values.top, 3);
}

TEST(Record, AutoThatWasGivenComesBackAndMayBeChosen) {
  auto c = fit({"photos"});
  apply_record(c, json_record(fit({"photos", "--l2", "auto"})), "config.json");
  EXPECT_EQ(c.values.l2, std::nullopt);
  EXPECT_TRUE(choose(c, "l2", 0.1, "cross-validation"));
  EXPECT_EQ(c.values.l2, 0.1);
  EXPECT_FALSE(choose(c, "l2", 0.2, "again"));
}

TEST(Record, AnotherProgramsOrAnEditedOneIsRefused) {
  EXPECT_EQ(record_error(Json::array()), changed("is not a record of options"));
  EXPECT_EQ(record_error(Json(Json::value_t::discarded)), changed("is not a record of options"));
  EXPECT_EQ(record_error({{"zebra", {{"value", 1}, {"source", "flag"}}}}), changed("has the unknown option 'zebra'"));
  EXPECT_EQ(record_error({{"l2", 0.5}}), changed("has the unknown option 'l2'"));
  EXPECT_EQ(record_error({{"l2", {{"value", 0.5}}}}), changed("has the unknown option 'l2'"));
  EXPECT_EQ(record_error({{"l2", {{"value", "much"}, {"source", "flag"}}}}), changed("has --l2 \"much\", expected a number or auto"));
  EXPECT_EQ(record_error({{"l2", {{"value", -1.0}, {"source", "flag"}}}}), changed("has --l2 -1.0, expected above 0"));
  EXPECT_EQ(record_error({{"top", {{"value", 1.5}, {"source", "flag"}}}}), changed("has --top 1.5, expected a whole number or auto"));
  EXPECT_EQ(record_error({{"val", {{"value", nullptr}, {"source", "file"}}}}), changed("has --val null, expected a number"));
  EXPECT_EQ(record_error({{"precision", {{"value", "fp16"}, {"source", "flag"}}}}),
            changed("has --precision \"fp16\", expected auto, float32 or bf16"));
  EXPECT_EQ(record_error({{"drop", {{"value", {"a", 1}}, {"source", "flag"}}}}), changed("has --drop [\"a\",1], expected a value of an option"));
  EXPECT_EQ(record_error({{"l2", {{"value", {{"a", 1}}}, {"source", "flag"}}}}), changed("has --l2 {\"a\":1}, expected a value of an option"));
  EXPECT_EQ(record_error({{"l2", {{"value", 0.5}, {"source", 7}, {"reason", false}}}}), "no error") << "a source that says nothing is none";
}

}  // namespace
}  // namespace graft
