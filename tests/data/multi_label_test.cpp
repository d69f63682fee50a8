// Tables whose labels name several classes, and how such photos are held out.
#include "graft/data/task_labels.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "data/made_files.h"
#include "graft/data/stratify.h"

namespace graft::data {
namespace {

using test::put;
using Labels = std::vector<int>;

/// 1.jpg to 12.jpg and labels.csv beside them.
class MultiLabel : public testing::Test {
 protected:
  MultiLabel() {
    for (int i = 1; i <= 12; ++i) put(folder_ / (std::to_string(i) + ".jpg"));
  }
  Splits splits(std::string_view text, const SplitOptions& options = {}) {
    put(folder_ / "labels.csv", text);
    return open_splits(folder_ / "labels.csv", options);
  }
  std::string error(std::string_view text) {
    return test::error_in(folder_, [&] { splits(text); });
  }

  const TestFolder folder_;
  const std::string parted_ =
      "path,label,split\n1.jpg,cat;dog,train\n2.jpg, dog ; cat ,train\n3.jpg,,train\n4.jpg,dog,train\n5.jpg,bird;cat;dog,train\n"
      "6.jpg,cat,val\n7.jpg,\"\",val\n8.jpg,dog;cat,test\n";
};

TEST_F(MultiLabel, IsToldByASemicolon) {
  const Splits found = splits(parted_);
  EXPECT_EQ(found.task, Task(data::MultiLabel{}));
  EXPECT_EQ(found.classes, (std::vector<std::string>{"bird", "cat", "dog"}));
  std::vector<Labels> labels;
  for (const Sample& sample : found.train) {
    EXPECT_EQ(sample.label, -1);
    labels.push_back(sample.labels);
  }
  EXPECT_EQ(labels, (std::vector<Labels>{{1, 2}, {1, 2}, {}, {2}, {0, 1, 2}}));
  EXPECT_EQ(found.val[0].labels, Labels{1});
  EXPECT_EQ(found.val[1].labels, Labels{});
  EXPECT_EQ(found.test[0].labels, (Labels{1, 2}));
  EXPECT_EQ(found.notes, (std::vector<std::string>{"columns: photos from 'path', classes from 'label', parts from 'split'",
                                                   "multi-label: 1.6 of 3 classes per photo on average, at most 3",
                                                   "classes without a photo in val: 'bird', 'dog'"}));
  EXPECT_EQ(targets_of(found.task, found.train, 3), (std::vector<float>{0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1}));
  EXPECT_EQ(targets_of(found.task, found.val, 3), (std::vector<float>{0, 1, 0, 0, 0, 0}));
  EXPECT_EQ(images_per_class(found.train, 3), (std::vector<std::size_t>{1, 3, 4}));
  const Splits one_each = splits("1.jpg,cat\n2.jpg,dog\n3.jpg,cat\n4.jpg,dog\n");
  EXPECT_EQ(one_each.task, Task(SingleLabel{}));
  EXPECT_TRUE(targets_of(one_each.task, one_each.train, 2).empty());
}

TEST_F(MultiLabel, ASecondPlaceIsReadInTheSameWay) {
  put(folder_ / "more.csv", "1.jpg,cat\n2.jpg,dog\n");
  const Splits found = splits("3.jpg,cat;dog\n4.jpg,cat\n5.jpg,dog\n6.jpg,\n", {.val = folder_ / "more.csv"});
  EXPECT_EQ(found.val[0].labels, Labels{0});
  put(folder_ / "folder" / "dog" / "1.jpg");
  EXPECT_EQ(splits("3.jpg,cat;dog\n4.jpg,cat\n5.jpg,dog\n6.jpg,\n", {.val = folder_ / "folder"}).val[0].labels, Labels{1});
  put(folder_ / "several.csv", "1.jpg,cat;dog\n");
  EXPECT_EQ(
      test::error_in(folder_, [&] { splits("3.jpg,cat\n4.jpg,cat\n5.jpg,dog\n6.jpg,dog\n", {.val = folder_ / "several.csv"}); }),
      "data: several.csv: its labels name several classes, but those of the training photos one each; write the labels of both in the same way");
  const std::vector<std::string> classes{"cat", "dog"};
  EXPECT_EQ(test::error_in(folder_, [&] { open_labelled(folder_ / "several.csv", classes); }),
            "data: several.csv: its labels name several classes, but the model answers with one; give labels of one class each, or another model");
  EXPECT_EQ(open_labelled(folder_ / "more.csv", classes, {.task = data::MultiLabel{}}).samples[1].labels, Labels{1});
}

TEST_F(MultiLabel, Refused) {
  const std::string usual = "1.jpg,cat;dog\n2.jpg,cat\n3.jpg,dog\n4.jpg,cat;dog\n5.jpg,\n";
  EXPECT_EQ(error(usual + "6.jpg,cat;cat\n"), "data: labels.csv:6: class 'cat' twice in 'cat;cat'; name it once");
  EXPECT_EQ(error(usual + "6.jpg,cat;\n"), "data: labels.csv:6: a class without a name in 'cat;'; put one ';' between two classes");
  EXPECT_EQ(error(usual + "6.jpg,;\n"), "data: labels.csv:6: a class without a name in ';'; put one ';' between two classes");
  EXPECT_EQ(error(usual + "6.jpg,bird\n"), "data: labels.csv: class 'bird' has 1 photo, expected at least 2 to split; add photos or give --val");
  EXPECT_EQ(error("1.jpg,cat;dog\n2.jpg,cat\n3.jpg,dog;cat\n4.jpg,cat;dog\n5.jpg,cat\n"),
            "data: labels.csv: class 'cat' is on every training photo; add photos without it, or leave the class out");
  EXPECT_EQ(error(usual + "1.jpg,cat\n"), "data: labels.csv:6: '1.jpg' is 'cat', but 'cat;dog' in line 1; keep one label");
  EXPECT_NE(error(usual + "1.jpg,dog; cat\n").find("no error"), std::string::npos) << "the same said in another order";
  EXPECT_EQ(error("path,label,split\n1.jpg,cat;dog,train\n2.jpg,cat,train\n3.jpg,,train\n4.jpg,dgo,val\n"),
            "data: labels.csv:5: class 'dgo' is not a class of train ('cat', 'dog'); did you mean 'dog'?");
  EXPECT_EQ(error("1.jpg,cat\n2.jpg,\n3.jpg,dog\n"), "data: labels.csv:2: empty label; fill it in or remove the row") << "one class each";
}

TEST(Stratify, KeepsTheSharesOfTheClasses) {
  EXPECT_TRUE(rc::check([] {
    const int classes = *rc::gen::inRange(1, 6), count = *rc::gen::inRange(10, 80);
    const auto seed = *rc::gen::arbitrary<uint64_t>();
    std::vector<std::string> names;
    std::vector<Labels> sets(static_cast<std::size_t>(count));
    std::vector<std::size_t> total(static_cast<std::size_t>(classes)), held(total);
    for (std::size_t i = 0; i < sets.size(); ++i) {
      names.push_back(std::to_string(i) + ".jpg");
      for (int k = 0; k < classes; ++k)
        if (*rc::gen::inRange(0, 3 + k) == 0) sets[i].push_back(k), ++total[static_cast<std::size_t>(k)];
    }
    const std::vector<int> parts = stratify(names, sets, std::vector<double>{0.25, 0.75}, seed);
    std::size_t all = 0;
    for (std::size_t i = 0; i < sets.size(); ++i) {
      RC_ASSERT(parts[i] == 0 || parts[i] == 1);
      all += parts[i] == 0 ? 1 : 0;
      for (const int k : sets[i]) held[static_cast<std::size_t>(k)] += parts[i] == 0 ? 1 : 0;
    }
    const auto near = [](std::size_t part, std::size_t whole, double allowed) {
      return std::abs(static_cast<double>(part) - 0.25 * static_cast<double>(whole)) <= allowed;
    };
    RC_ASSERT(near(all, sets.size(), 4 + 0.1 * count));
    for (std::size_t k = 0; k < total.size(); ++k) RC_ASSERT(near(held[k], total[k], 3 + 0.1 * static_cast<double>(total[k])));

    // In another order the same samples are held out.
    std::vector<std::string> other(names.rbegin(), names.rend());
    std::vector<Labels> turned(sets.rbegin(), sets.rend());
    std::vector<int> again = stratify(other, turned, std::vector<double>{0.25, 0.75}, seed);
    std::reverse(again.begin(), again.end());
    RC_ASSERT(again == parts);
  }));
}

TEST(Stratify, OneClassEachIsDealtExactly) {
  std::vector<std::string> names;
  std::vector<Labels> sets;
  for (int i = 0; i < 50; ++i) {
    names.push_back(std::to_string(i));
    sets.push_back({i < 40 ? 0 : 1});
  }
  const std::vector<int> parts = stratify(names, sets, std::vector<double>(5, 0.2), 3);
  for (int part = 0; part < 5; ++part) {
    EXPECT_EQ(std::count(parts.begin(), parts.begin() + 40, part), 8);
    EXPECT_EQ(std::count(parts.begin() + 40, parts.end(), part), 2);
  }
}

}  // namespace
}  // namespace graft::data
