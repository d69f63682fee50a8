// Successive halving (Jamieson and Talwalkar 2016): many trials with few epochs, the
// best of them with more. Each rung trains anew, with a schedule of its own length.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace graft::study {

inline constexpr int kEta = 3;  // a third continues, with three times the epochs

/// Epochs of the rungs, up to all of them: 10 -> 1, 3, 10.
std::vector<int> rungs_of(int epochs);

/// The number of trials on each rung if `trials` begin: 30 -> 30, 10, 4.
std::vector<std::size_t> counts_of(std::size_t trials, std::size_t rungs);

/// How a trial did on the photos on which all are judged; empty: it failed.
struct Judged {
  std::size_t trial;
  std::vector<double> losses;  // log loss of each photo
};

/// Which trials continue: the `keep` with the lowest mean loss, except those that are clearly
/// behind the best (two standard errors, photo by photo), and trial 0 in any case. Ascending.
std::vector<std::size_t> promoted(std::span<const Judged> rung, std::size_t keep);

/// The trial with the lowest mean loss; but trial 0, the default, if it is within one standard error of that.
std::size_t best_trial(std::span<const Judged> rung);

}  // namespace graft::study
