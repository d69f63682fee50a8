// Solves the last layer once more on the training photos, weighted so that every group counts the same; a group is all photos of one class with the same
// attributes. This is deep feature reweighting (Kirichenko, Izmailov and Wilson 2023), with weights instead of subsamples, so that no photo is left out.
#pragma once

#include "graft/eval/by_group.h"
#include "graft/fit/head/probe.h"
#include "graft/fit/job/groups.h"
#include "graft/fit/job/result.h"
#include "graft/fit/job/state.h"
#include "graft/fit/run/trained_network.h"

namespace graft::fit {

/// The results in each group of the validation photos.
eval::ByGroup by_group(const Job& job, const Photos& photos, const PhotoGroups& groups, std::span<const float> probabilities);

/// Does this for `outcome`, whose network gets the new layer, and returns how the old one did. `head`: the input of the solved head, which becomes that of
/// the new one; null after training by gradient steps, when the network is run over all photos once more and `seen` becomes the input of its last layer. The
/// weights of the training photos, --l2 if it was chosen, and --imbalance become those of the new head. Error (data) if the trained network does not end in a
/// linear layer.
BalancedGroups balance_groups(Job& job, const Start& start, Photos& photos, const PhotoGroups& groups, Probe* head, Outcome& outcome,
                              std::optional<LastLayerRows>& seen);

}  // namespace graft::fit
