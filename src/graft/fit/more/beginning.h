// Where the training of more than the head begins, and how it goes on.
#pragma once

#include "graft/fit/job/state.h"
#include "graft/head/logistic.h"

namespace graft::fit {

/// How the strategy trains, where nobody said otherwise: with which new layer it begins, and the recipe that won over the sets of docs/ablations.md:
/// AdamW at 0.001 and ten times that for a random new layer with live batch norm, or 0.001 throughout from the solved layer with fixed batch norm where
/// photos and epochs make fewer than 300 steps; one-cycle, weight decay 0.01, label smoothing 0.1. Whoever names an --optimiser has that recipe's other parts as
/// they stand in `fit --help`; SGD's learning rate and beginning then follow batch norm: with fixed statistics nothing holds activations where they are, and a
/// rate of 0.003 was seen to diverge, 0.001 never (bench/README.md).
void choose_recipe(Job& job);

/// Steps of a training on so many photos; with fewer than kFewSteps it begins from the solved head.
std::size_t steps_of(const FitConfig& config, std::size_t photos);
inline constexpr std::size_t kFewSteps = 300;

/// A new layer that says nothing yet.
head::LinearHead zero_head(const Job& job);

}  // namespace graft::fit
