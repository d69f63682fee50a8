// Successive halving (Jamieson and Talwalkar 2016): many trials on few epochs, the best of them on more. Each rung trains anew, on a schedule of
// its own length.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace graft::study {

inline constexpr int kEta = 3;  // a third goes on, to three times the epochs

/// Epochs of the rungs, up to all of them: 10 -> 1, 3, 10.
std::vector<int> rungs_of(int epochs);

/// Trials on each rung where `trials` begin, as many as may go on: 30 -> 30, 10, 4.
std::vector<std::size_t> counts_of(std::size_t trials, std::size_t rungs);

/// How a trial did on the photos that all are judged on; empty: it failed.
struct Judged {
  std::size_t trial;
  std::vector<double> losses;  // log loss of each photo
};

/// Which go on: the `keep` of the lowest mean loss, without those that are beyond doubt (two standard errors, photo by photo) behind the best, and
/// trial 0 in any case. Ascending.
std::vector<std::size_t> promoted(std::span<const Judged> rung, std::size_t keep);

/// The trial of the lowest mean loss; of those within a standard error of it trial 0, the default, where it is among them.
std::size_t best_trial(std::span<const Judged> rung);

}  // namespace graft::study
