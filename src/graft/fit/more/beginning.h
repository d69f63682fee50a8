// How the training of more than the head begins, and with which recipe.
#pragma once

#include "graft/fit/job/state.h"
#include "graft/head/logistic.h"

namespace graft::fit {

/// How the strategy trains unless options say otherwise: with which new layer it starts, and the recipe that did best on the data sets
/// of docs/ablations.md: AdamW at 0.001, with ten times that for a random new layer and live batch norm; or, if photos and epochs make
/// fewer than 300 steps, 0.001 for all from the solved layer with fixed batch norm; one-cycle, weight decay 0.01, label smoothing 0.1.
/// With a given --optimizer, everything else is as in `fit --help`; SGD's learning rate and start then depend on batch norm: with
/// fixed statistics nothing keeps activations in range, and a rate of 0.003 was seen to diverge, 0.001 never (bench/README.md).
void choose_recipe(Job& job);

/// The number of steps of a training on this many photos; with fewer than kFewSteps it starts from the solved head.
std::size_t steps_of(const FitConfig& config, std::size_t photos);
inline constexpr std::size_t kFewSteps = 300;

/// A new layer of zeros.
head::LinearHead zero_head(const Job& job);

}  // namespace graft::fit
