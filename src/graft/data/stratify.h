// Divides samples with any number of classes into parts, each with the same share of every class.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace graft::data {

/// For each sample its part, from 0. Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011): the class with the fewest samples left is dealt
/// first, each sample to the part that still wants most of that class, then most samples at all. A class wants round(share * n) of its n samples in a
/// part, at least 1 where it has as many samples as there are parts. classes[i]: those of sample i, from 0; `shares` of the parts add up to 1. By names
/// and seed, as choose_val (split.h): the order of the samples does not matter.
std::vector<int> stratify(std::span<const std::string> names, std::span<const std::vector<int>> classes, std::span<const double> shares,
                          uint64_t seed);

}  // namespace graft::data
