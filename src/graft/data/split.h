// Which photos are held out for validation: a pure function of their names, labels and the seed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace graft::data {

/// For each sample, whether it is for validation: round(fraction * n) of the n of each class, at least one on either side. Every name (its path
/// inside the dataset) draws a number of its own from the seed and the lowest of a class are taken, so neither the order of the samples nor
/// where the dataset lies nor other classes matter, and a few images more or less leave the rest of the split as it was. labels[i] in [0,
/// classes), every class with two samples at least; 0 < fraction < 1.
std::vector<bool> choose_val(std::span<const std::string> names, std::span<const int> labels, int classes, double fraction, uint64_t seed);

/// For each sample, which of `folds` parts (from 0) it is in. Each part has as many of each class as the others, or one more; drawn as by choose_val.
std::vector<int> choose_folds(std::span<const std::string> names, std::span<const int> labels, int classes, int folds, uint64_t seed);

}  // namespace graft::data
