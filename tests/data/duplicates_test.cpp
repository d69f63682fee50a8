#include "graft/data/duplicates.h"

#include <gtest/gtest.h>

namespace graft::data {
namespace {

using Notes = std::vector<std::string>;
const Notes kClasses = {"ant", "bee"};

TEST(Duplicates, CountsThoseOfTwoClassesAndThoseInBothParts) {
  const std::vector<Sample> train = {{"a.jpg", 0}, {"b.jpg", 0}, {"c.jpg", 1}, {"broken.jpg", 1}},
                            val = {{"d.jpg", 0}, {"e.jpg", 1}, {"lost.jpg", 0}};
  const std::vector<Hash128> hashes = {{1, 1}, {2, 2}, {2, 2}, {}, {1, 1}, {3, 3}, {}};
  const Duplicates found = find_duplicates(train, val, hashes, kClasses);
  EXPECT_EQ(found.of_two_classes, 2U);
  EXPECT_EQ(found.in_both, 1U);
  EXPECT_EQ(found.notes, (Notes{"photos that are there under two classes, the same to the byte: 2, for instance 'b.jpg' and 'c.jpg' (ant, bee)",
                                "validation photos that are in training, too, the same to the byte: 1 of 3, for instance 'd.jpg' and 'a.jpg'"}));
}

TEST(Duplicates, TheSameClassTwiceInOnePartIsNoFault) {
  const std::vector<Sample> train = {{"a.jpg", 0}, {"b.jpg", 0}};
  const std::vector<Hash128> hashes = {{1, 1}, {1, 1}};
  EXPECT_TRUE(find_duplicates(train, {}, hashes, kClasses).notes.empty());
}

TEST(Duplicates, OfSeveralClassesAPhoto) {
  const std::vector<Sample> val = {{.path = "a.jpg", .label = -1, .labels = {0, 1}}, {.path = "b.jpg", .label = -1, .labels = {}}};
  const std::vector<Hash128> hashes = {{1, 1}, {1, 1}};
  EXPECT_EQ(find_duplicates({}, val, hashes, kClasses).notes.at(0),
            "photos that are there under two classes, the same to the byte: 2, for instance 'a.jpg' and 'b.jpg' (ant;bee, no class)");
}

}  // namespace
}  // namespace graft::data
