#include "graft/fit/job/class_counts.h"

#include <gtest/gtest.h>

namespace graft::fit {
namespace {

TEST(ClassCounts, OfEachPart) {
  const std::vector<std::string> names{"intact", "broken"};
  const std::vector<data::Sample> train{{"1", 0}, {"2", 0}, {"3", 0}, {"4", 1}}, val{{"5", 0}};
  const std::vector<ClassCount> counts = photos_per_class(names, train, val);
  EXPECT_EQ(to_table(counts),
            "class   training  validation\n"
            "intact         3           1\n"
            "broken         1           0\n");
  EXPECT_EQ(unevenness(counts), 3);
}

TEST(ClassCounts, OfSeveralClassesAPhoto) {
  const std::vector<data::Sample> train{{"1", -1, 1, {0, 1}}, {"2", -1, 1, {}}, {"3", -1, 1, {1}}};
  const std::vector<ClassCount> counts = photos_per_class(std::vector<std::string>{"a", "b"}, train, {});
  EXPECT_EQ(counts[0].train, 1);
  EXPECT_EQ(counts[1].train, 2);
}

TEST(ClassCounts, OfManyClassesTheLargestAndTheSmallest) {
  std::vector<ClassCount> counts;
  for (std::size_t k = 1; k <= 1021; ++k) counts.push_back({"c" + std::to_string(k), k, 2});
  EXPECT_EQ(to_table(counts),
            "class                   training  validation\n"
            "c1021                      1,021           2\n"
            "c1020                      1,020           2\n"
            "c1019                      1,019           2\n"
            "c1018                      1,018           2\n"
            "c1017                      1,017           2\n"
            "(1011 classes between)                      \n"
            "c5                             5           2\n"
            "c4                             4           2\n"
            "c3                             3           2\n"
            "c2                             2           2\n"
            "c1                             1           2\n");
}

}  // namespace
}  // namespace graft::fit
