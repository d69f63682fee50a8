#include "graft/data/sample_weights.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "data/made_files.h"

namespace graft::data {
namespace {

using test::put;
using Notes = std::vector<std::string>;

/// photos/{train,val}/{cat,dog}/: four and one of each, and weights.csv beside photos/.
class SampleWeights : public testing::Test {
 protected:
  SampleWeights() {
    for (const char* kind : {"cat", "dog"}) {
      for (int i = 1; i <= 4; ++i) put(data_ / "train" / kind / (std::to_string(i) + ".jpg"));
      put(data_ / "val" / kind / "9.jpg");
    }
  }
  std::vector<double> read(std::string_view text, const std::string& name = "weights.csv") {
    put(folder_ / name, text);
    Splits splits = open_splits(data_);
    notes_ = read_weights(folder_ / name, data_, splits);
    std::vector<double> weights;
    for (const Sample& sample : splits.train) weights.push_back(sample.weight);
    for (const Sample& sample : splits.val) EXPECT_EQ(sample.weight, 1);
    return weights;
  }
  std::string error(std::string_view text) {
    return test::error_in(folder_, [&] { read(text); });
  }

  const TestFolder folder_;
  const std::filesystem::path data_ = folder_ / "photos";
  Notes notes_;
};

TEST_F(SampleWeights, BesideTheTableOrInTheDataset) {
  EXPECT_EQ(read("path,weight\ntrain/cat/2.jpg,2.5\nphotos/train/dog/1.jpg,0\n./train/dog/../dog/4.jpg, 1e-1 \n"),
            (std::vector<double>{1, 2.5, 1, 1, 0, 1, 1, 0.1}));
  EXPECT_EQ(notes_, Notes{"3 of 8 training photos have a weight of their own"});
  EXPECT_EQ(read("id\tWeight\tfile\n7\t3\ttrain/cat/1.jpg\n", "weights.tsv"), (std::vector<double>{3, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(read("train/cat/1.jpg,3\ntrain/cat/1.jpg,3\n"), (std::vector<double>{3, 1, 1, 1, 1, 1, 1, 1})) << "no header; twice the same";
}

TEST_F(SampleWeights, PhotosOfValidationHaveNone) {
  EXPECT_EQ(read("path,weight\nval/cat/9.jpg,7\ntrain/cat/1.jpg,2\n"), (std::vector<double>{2, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(notes_, (Notes{"1 of 8 training photos have a weight of their own",
                           (folder_ / "weights.csv").string() + ": 1 of its photos is not in training, where alone weights count"}));
}

TEST_F(SampleWeights, Refused) {
  EXPECT_EQ(error(""), "data: weights.csv: is empty, expected rows of path,weight");
  EXPECT_EQ(error("a,b,c\n"),
            "data: weights.csv:1: column count 3, expected 2 (path,weight); for other columns begin with a header that names path and weight");
  EXPECT_EQ(error("path,weight\ntrain/cat/1.jpg,1,2\n"),
            "data: weights.csv:2: column count 3, expected 2; put quotes around a field that contains the separator");
  EXPECT_EQ(error("path,weight\n,1\n"), "data: weights.csv:2: empty path; fill it in or remove the row");
  EXPECT_EQ(error("photo,w\ntrain/cat/1.jpg,1\n"),
            "data: weights.csv:1: weight 'w', expected a number of at least 0; if this is a header, call its columns path and weight");
  for (const char* bad : {"-1", "-1e-9", "inf", "nan", "1,5", "", "0x1", "1 2", "1e999"})
    EXPECT_EQ(error(std::string("path,weight\ntrain/cat/1.jpg,\"") + bad + "\"\n"),
              std::string("data: weights.csv:2: weight '") + bad + "', expected a number of at least 0");
  EXPECT_EQ(error("path,weight\ntrain/cat/5.jpg,1\n"),
            "data: weights.csv:2: 'train/cat/5.jpg' is not a training photo; did you mean 'train/cat/1.jpg'?");
  EXPECT_EQ(error("path,weight\nelsewhere.png,1\n"), "data: weights.csv:2: 'elsewhere.png' is not a training photo");
  EXPECT_EQ(error("path,weight\ntrain/cat/1.jpg,1\ntrain/cat/1.jpg,2\n"),
            "data: weights.csv:3: 'train/cat/1.jpg' weighs 2, but 1 in line 2; keep one weight");
  EXPECT_EQ(error("path,weight\ntrain/dog/1.jpg,0\ntrain/dog/2.jpg,0\ntrain/dog/3.jpg,0\ntrain/dog/4.jpg,-0\n"),
            "data: weights.csv: all training photos of class 'dog' weigh 0; give one of them a weight above 0, or leave the class out");
  Splits splits = open_splits(data_);
  EXPECT_EQ(test::error_in(folder_, [&] { read_weights(folder_ / "weight.csv", data_, splits); }),
            "data: weight.csv: no such file or folder; did you mean 'weights.csv'?");
}

TEST_F(SampleWeights, WhatIsWrittenReadsBack) {
  put(data_ / "train" / "dog" / "a, \"b\".jpg");
  Splits splits = open_splits(data_);
  for (std::size_t i = 0; i < splits.train.size(); ++i) splits.train[i].weight = 1.0 / static_cast<double>(3 + i);
  Splits again = open_splits(data_);
  put(folder_ / "elsewhere" / "weights.csv", weights_csv(splits.train, data_));
  read_weights(folder_ / "elsewhere" / "weights.csv", data_, again);
  EXPECT_EQ(splits.train, again.train);
}

TEST(WeightsOf, AreOneInTheMean) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& drawn) {
    std::vector<Sample> samples;
    double sum = 0;
    for (const uint8_t weight : drawn) samples.push_back({.path = "a", .label = 0, .weight = weight + 0.5});
    const std::vector<double> weights = weights_of(samples);
    if (weights.empty()) {
      for (const Sample& sample : samples) RC_ASSERT(sample.weight == samples[0].weight);
      return;
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
      sum += weights[i];
      RC_ASSERT(std::abs(weights[i] / weights[0] - samples[i].weight / samples[0].weight) < 1e-12 * weights[i] / weights[0]);
    }
    RC_ASSERT(std::abs(sum / static_cast<double>(weights.size()) - 1) < 1e-12);
  }));
}

}  // namespace
}  // namespace graft::data
