// Datasets as they were downloaded, through the program: import, then fit.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "convert/made_data.h"

namespace graft {
namespace {

namespace fs = std::filesystem;

class Import : public testing::Test {
 protected:
  /// Grey pictures of 24x20: stripes across for even numbers, down for odd ones.
  Import() {
    std::string pixels, labels;
    for (int i = 0; i < 24; ++i) {
      labels += static_cast<char>(i % 2);
      for (int y = 0; y < 24; ++y)
        for (int x = 0; x < 20; ++x) pixels += static_cast<char>(((i % 2 == 0 ? y : x) + i / 2) / 3 % 2 == 0 ? 200 : 40);
    }
    put("train", 16, pixels.substr(0, 16 * 480), labels.substr(0, 16));
    put("t10k", 8, pixels.substr(16 * 480), labels.substr(16));
  }
  void put(const std::string& part, uint32_t count, const std::string& pixels, const std::string& labels) {
    write_file(folder_ / "data" / (part + "-images-idx3-ubyte.gz"), test::gzip(test::idx_images(count, 24, 20, pixels)));
    write_file(folder_ / "data" / (part + "-labels-idx1-ubyte.gz"), test::gzip(test::idx_labels(count, labels)));
  }
  void expect_error(const std::vector<std::string>& words, int exit_code, const std::string& line) {
    expect_refused(run(folder_, words), exit_code, line);
  }

  TestFolder folder_;
};

TEST_F(Import, ThenFitAndEval) {
  const Finished done = run(folder_, {"import", "data", "--out", "photos", "--classes", "across,down"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("photos: 24 pictures of 2 classes (train 16, test 8), from IDX; ")) << done.out;
  EXPECT_TRUE(done.out.ends_with(" s\nnext:  graft fit photos\n")) << done.out;
  EXPECT_NE(done.err.find("import: 24 pictures in "), std::string::npos) << done.err;

  const Finished fit = run(folder_, {"fit", "photos", "--out", "run", "--size", "64", "--precision", "float32", "--strategy", "head", "-q"});
  ASSERT_EQ(fit.exit_code, 0) << fit.err;
  const Finished eval = run(folder_, {"eval", "run", "photos", "--part", "test", "--json", "-q"});
  ASSERT_EQ(eval.exit_code, 0) << eval.err;
  EXPECT_EQ(nlohmann::json::parse(eval.out)["accuracy"].get<double>(), 1) << eval.out;
}

TEST_F(Import, JsonSaysTheSame) {
  const Finished done = run(folder_, {"import", "data", "--out", "photos", "--per-class", "3", "--only", "1", "--json", "-q"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(done.err, "");
  const auto json = nlohmann::json::parse(done.out);
  EXPECT_EQ(json["format"], "IDX");
  EXPECT_EQ(json["pictures"], 6);
  EXPECT_EQ(json["classes"], 1);
  EXPECT_EQ(json["train"], 3);
  EXPECT_EQ(json["val"], 0);
  EXPECT_EQ(json["test"], 3);
  EXPECT_EQ(json["out"], "photos");
  EXPECT_EQ(listing(folder_ / "photos" / "train" / "1"), (std::vector<std::string>{"00001.png", "00003.png", "00005.png"}));
}

TEST_F(Import, WhatIsRefusedLeavesNothing) {
  expect_error({"import", "data"}, 2, "--out: missing; for instance --out photos");
  expect_error({"import", "dta", "--out", "photos"}, 1, "dta: no such file or folder; did you mean 'data'?");
  expect_error({"import", "data", "--out", "photos", "--format", "mnist"}, 2, "--format mnist: expected auto, cifar, idx, npz or coco");
  put("t10k", 9, std::string(8 * 480, 'x'), std::string(9, '\0'));
  expect_error({"import", "data", "--out", "photos"}, 1,
               "data/t10k-images-idx3-ubyte.gz: 9 pictures of 20x24 need 4,336 bytes, but it ends after 3,856; download it again");
  EXPECT_EQ(listing(folder_.path()), std::vector<std::string>{"data"});
}

}  // namespace
}  // namespace graft
