// The sums behind the numbers of a group. Used only by by_group.cpp and group_chance.cpp.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "graft/eval/by_group.h"

namespace graft::eval {

/// What a group's numbers need to know about each photo; the rows of lists are stored one after the other.
struct PhotoFacts {
  struct Judged {
    float confidence;
    bool hit;
  };
  std::size_t rows = 0, classes = 0;
  std::vector<bool> right;
  std::vector<int> stratum;                                   // photos of the same stratum may be exchanged in a permutation that keeps the classes
  std::vector<std::size_t> has_from, said_from, judged_from;  // rows + 1 each
  std::vector<int> has, said;                                 // classes, ascending in a row
  std::vector<Judged> judged;
};
PhotoFacts facts_of(const Truth& truth, std::span<const float> probabilities, std::size_t classes);

struct GroupCounts {
  long photos = 0, right = 0;
  std::vector<long> has, said, both;  // by class
  struct Bin {
    double confidence = 0;
    long count = 0, hits = 0;
  };
  std::array<Bin, kBins> bins{};

  explicit GroupCounts(std::size_t classes) : has(classes), said(classes), both(classes) {}
  void add(const PhotoFacts& facts, std::size_t photo, long times = 1);
};

double balanced_accuracy(const GroupCounts& counts);
double calibration_error(const GroupCounts& counts);

/// The gap of each kind between the groups that are compared, with only its size, groups and class. None for fewer than two groups.
std::vector<Gap> gaps_of(std::span<const GroupCounts> groups, const std::vector<bool>& compared, std::span<const std::string> class_names);

/// Fills in intervals and p (not adjusted) of gaps, and the intervals by bootstrap of the groups.
void add_chance(const PhotoFacts& facts, std::span<const int> group_of, std::vector<GroupScore>& groups, std::vector<Gap>& gaps,
                std::span<const std::string> class_names);

}  // namespace graft::eval
