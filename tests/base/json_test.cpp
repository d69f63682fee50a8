#include "graft/base/json.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <nlohmann/json.hpp>

#include <cmath>

#include "error_text.h"
#include "folder.h"
#include "graft/base/files.h"

namespace graft {
namespace {

using test::error_of;

using Json = nlohmann::ordered_json;

TEST(WriteJson, IndentsKeepsOrderAndEndsTheLine) {
  const TestFolder folder;
  write_json(folder / "a.json", Json{{"z", 1}, {"a", {1.5, "ä"}}, {"nan", std::nan("")}});
  EXPECT_EQ(as_text(read_file(folder / "a.json")), "{\n  \"z\": 1,\n  \"a\": [\n    1.5,\n    \"ä\"\n  ],\n  \"nan\": null\n}\n");
  write_json(folder / "a.json", "caf\xE9");
  EXPECT_EQ(as_text(read_file(folder / "a.json")), "\"caf\xEF\xBF\xBD\"\n");
}

TEST(WriteJson, NumbersReadBackTheSame) {
  const TestFolder folder;
  EXPECT_TRUE(rc::check([&](double number, uint64_t natural, int64_t whole) {
    RC_PRE(std::isfinite(number));
    const Json before = {number, natural, whole};
    write_json(folder / "a.json", before);
    RC_ASSERT(read_json(folder / "a.json") == before);
  }));
}

TEST(ReadJson, NamesFileAndByte) {
  const TestFolder folder;
  const std::string path = (folder / "a.json").string();
  const auto error = [&](std::string_view text) {
    write_file(path, text);
    return error_of([&] { read_json(path); });
  };
  EXPECT_EQ(error("{\"a\": 1, b}"), "data: " + path + ": byte 10: not JSON, expected something else here");
  EXPECT_EQ(error("{\"a\": 1"), "data: " + path + ": byte 8: not JSON, the file ends too early");
  EXPECT_EQ(error(""), "data: " + path + ": byte 1: not JSON, the file ends too early");
  EXPECT_EQ(error("[1e999]"), "data: " + path + ": not JSON, holds a number too large for a double");
  EXPECT_EQ(error(std::string(100000, '[')), "data: " + path + ": byte 100001: not JSON, the file ends too early");
  EXPECT_EQ(error_of([&] { read_json(folder / "none"); }), "data: " + (folder / "none").string() + ": cannot read: No such file or directory");
}

}  // namespace
}  // namespace graft
