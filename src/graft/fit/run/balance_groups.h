// The last layer solved once more on the training photos, weighed so that every group counts the same, a group being the photos of one class that have the
// same attributes: deep feature reweighting (Kirichenko, Izmailov and Wilson 2023), by weights in place of subsamples, so that no photo is left out.
#pragma once

#include "graft/eval/by_group.h"
#include "graft/fit/head/probe.h"
#include "graft/fit/job/groups.h"
#include "graft/fit/job/result.h"
#include "graft/fit/job/state.h"
#include "graft/fit/run/trained_network.h"

namespace graft::fit {

/// How `logits` do in each group of the validation photos.
eval::ByGroup by_group(const Job& job, const Photos& photos, const PhotoGroups& groups, std::span<const float> probabilities);

/// Does so for `outcome`, whose network gets the new layer, and tells how the old one did. `head`: what the solved head saw, which becomes what the new one saw; null
/// after a training by steps, whose network is run over all photos once more: `seen` is then what its last layer read. The weights of the training photos, --l2 where it was chosen, and --imbalance
/// become those of a new head. Error (data) for a trained network that ends in no linear layer.
BalancedGroups balance_groups(Job& job, const Start& start, Photos& photos, const PhotoGroups& groups, Probe* head, Outcome& outcome,
                              std::optional<LastLayerRows>& seen);

}  // namespace graft::fit
