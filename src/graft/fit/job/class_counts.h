// How many photos each class has, the first thing to look at.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "graft/data/dataset.h"

namespace graft::fit {

struct ClassCount {
  std::string name;
  std::size_t train, val;  // photos that have it
};

std::vector<ClassCount> photos_per_class(std::span<const std::string> classes, std::span<const data::Sample> train,
                                         std::span<const data::Sample> val);

/// A table; if there are many classes, only the largest and the smallest.
std::string to_table(std::vector<ClassCount> counts);

/// Training photos of the largest class divided by those of the smallest.
double unevenness(std::span<const ClassCount> counts);

}  // namespace graft::fit
