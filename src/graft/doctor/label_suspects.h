// Labels that may be wrong, by confident learning (Northcutt, Jiang and Chuang 2021): a head is solved on features of four fifths of the photos and asked
// about the rest, in turn. A photo is suspect where the class it is labelled with is unlikely and another one is as likely as it is, in the mean, for the
// photos labelled with that, or has 0.8; and at least
// 0.5. They are suspects to look at, not errors: a hard photo is one, too.
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
  int given;                                        // class that it is labelled with; -1: where it may have any number, it lacks `suggested`
  int suggested;                                    // class that it is like; -1: where it may have any number, it is unlike `given`
  double given_probability, suggested_probability;  // of the label as it is, and as suggested
  double margin() const { return suggested_probability - given_probability; }
};

/// (rows, classes): what heads that have not seen a row, nor its group, say of it; NaN of a row that is held out nowhere, as the only one of its class.
/// Folds as head::choose_l2 deals them, each solved on 10,000 rows at most. Errors as head::solve. Empty where there are no folds.
std::vector<float> held_out_probabilities(const head::Problem& problem, uint64_t seed, ThreadPool& pool);

/// By probabilities as above; the largest margin first, then by row. Of MultiLabel class by class (Thyagarajan et al. 2022).
std::vector<Suspect> suspects_in(const head::Problem& problem, std::span<const float> probabilities);

}  // namespace graft::doctor
