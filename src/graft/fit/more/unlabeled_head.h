// A solved head that also learns from photos without labels, by pseudo-labels (Lee 2013): the classes of these photos are the head's own answers, or are
// spread from labeled photos with similar features (head/propagation.h).
#pragma once

#include "graft/fit/head/probe.h"
#include "graft/fit/job/state.h"
#include "graft/fit/job/unlabeled.h"

namespace graft::fit {

/// Solves the head of `probe` again on the training photos and the photos of --unlabeled, if that is better beyond chance on training photos held out
/// by cross-validation, or if the method was named. All pseudo-labeled photos together weigh as much as the labeled ones. The probe's
/// rows stay those of the labeled photos, and probe.held_out has the answers of the head that was taken.
/// Errors as set_unlabeled_apart; also if too few photos can be read.
FromUnlabeled learn_from_unlabeled(Job& job, const Photos& photos, const Start& start, Probe& probe);

}  // namespace graft::fit
