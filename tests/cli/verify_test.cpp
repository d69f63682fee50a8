// A run replayed, by the real program.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Words = std::vector<std::string>;

class Verify : public testing::Test {
 protected:
  Verify() {
    make_photos(folder_ / "photos", {"across", "down"}, 10);
    EXPECT_EQ(graft({"fit", "photos", "--strategy", "head", "--size", "64", "--precision", "float32", "--out", "run", "-q"}).exit_code, 0);
  }
  Finished graft(const Words& words) { return run(folder_, words); }
  std::string text(const std::string& name) const { return std::string(as_text(read_file(folder_ / name))); }
  /// The first `from` of a file.
  void change(const std::string& name, const std::string& from, const std::string& to) {
    std::string bytes = text(name);
    const std::size_t at = bytes.find(from);
    ASSERT_NE(at, std::string::npos);
    write_file(folder_ / name, bytes.replace(at, from.size(), to));
  }

  TestFolder folder_;
};

TEST_F(Verify, AnUntouchedRunAgreesWithEverythingThatComputesIt) {
  const Finished done = graft({"verify", "run", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.err << done.out;
  const json found = json::parse(done.out);
  EXPECT_EQ(found["same"], true);
  EXPECT_EQ(found["photos"], 4);
  EXPECT_GT(found["tensors"], 10);
  EXPECT_EQ(found["replays"][1]["name"], "libtorch, float32");
  EXPECT_LE(found["replays"][1]["logits"], 1e-3);
  EXPECT_EQ(found["recorded"]["photos"], 4);
  EXPECT_EQ(found["recorded"]["changed"], 0);
  const json of_data = json::parse(graft({"verify", "run", "--data", "photos", "--json"}).out);
  EXPECT_EQ(of_data["photos"], 20);
  EXPECT_EQ(of_data["recorded"]["photos"], 4) << "those of the 20 that predictions.csv has";
}

TEST_F(Verify, WhatWasRecordedCounts) {
  const std::string csv = text("run/predictions.csv");
  const std::size_t row = csv.find('\n') + 1, end = csv.find('\n', row);
  const std::string line = csv.substr(row, end - row), name = line.substr(0, line.find(','));
  write_file(folder_ / "run" / "predictions.csv",
             csv.substr(0, row) + name + ",across,down,0.990000,4.605170,0.010000,0.990000\n" + csv.substr(end + 1));
  const Finished done = graft({"verify", "run"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_NE(done.out.find("record of the run   DIFFERS: "), std::string::npos) << done.out << done.err;
  EXPECT_NE(done.out.find("libtorch, float32   agrees: "), std::string::npos) << done.out;
}

TEST_F(Verify, Refused) {
  std::string bytes = text("run/weights.safetensors");
  bytes[bytes.size() - 2] = static_cast<char>(bytes[bytes.size() - 2] ^ 0x10);
  write_file(folder_ / "run" / "weights.safetensors", bytes);
  const Finished done = graft({"verify", "run", "-q"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_TRUE(done.err.starts_with("graft: run/model.onnx: the values of '")) << done.err;
  EXPECT_TRUE(
      done.err.ends_with("' are not those of weights.safetensors; one of the two files was changed after the run; take both from a copy of it\n"))
      << done.err;
  expect_refused(graft({"verify", "run", "--part", "val", "-q"}), 2, "--part: is a part of --data; give --data, too");
  fs::rename(folder_ / "photos", folder_ / "moved");
  const Finished gone = graft({"verify", "run", "-q"});
  EXPECT_EQ(gone.exit_code, 1);
  EXPECT_TRUE(gone.err.starts_with("graft: run: 4 of its 4 validation photos are gone: 'photos/")) << gone.err;
  fs::remove(folder_ / "run" / "predictions.csv");
  expect_refused(graft({"verify", "run", "-q"}), 1,
                 "run: has no predictions.csv, which names its validation photos; give labeled photos: --data FOLDER");
}

}  // namespace
}  // namespace graft
