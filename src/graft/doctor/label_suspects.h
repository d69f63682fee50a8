// Labels that may be wrong, by confident learning (Northcutt, Jiang and Chuang 2021): a head is solved
// on features of four fifths of the photos and judges the rest, in turn. A photo is suspect if its label
// is unlikely and another class has at least the mean probability that photos with that label have, or
// 0.8, and at least 0.5. These are suspects to look at, not errors: a difficult photo can be one, too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/doctor/near_copies.h"
#include "graft/head/problem.h"

namespace graft::doctor {

struct Suspect {
  std::size_t row;
  int given;                                        // the class in its label; -1: with any number of classes, it lacks `suggested`
  int suggested;                                    // the class that it looks like; -1: with any number of classes, it does not look like `given`
  double given_probability, suggested_probability;  // of the given label, and of the suggested one
  double margin() const { return suggested_probability - given_probability; }
};

/// (rows, classes): the answers of heads that have seen neither the row nor its group; NaN for a row that is never held out, such as the only
/// one of its class. Folds as in head::choose_l2, each solved on at most 10,000 rows. Errors as head::solve. Empty if there are no folds.
std::vector<float> held_out_probabilities(const head::Problem& problem, uint64_t seed, ThreadPool& pool);

/// From probabilities as above; the largest margin first, then by row. For MultiLabel class by class (Thyagarajan et al. 2022).
std::vector<Suspect> suspects_in(const head::Problem& problem, std::span<const float> probabilities);

}  // namespace graft::doctor
