// Reverse validation: whether a method's answers to the target lead back to what is known of the source.
#pragma once

#include <vector>

#include "graft/fit/adapt/candidates.h"

namespace graft::fit {

/// Of the source's validation photos, whether each is answered rightly by a model that learned the target's photos by the candidate's answers and was then adapted to the source
/// by the candidate's own method (Zhong et al. 2010; Ganin et al. 2016, 5.1.2): none: the head as it is solved; coral: on the target's rows recolored as the source's; cyclegan: asked about the translated photos; what trains by
/// steps: a bottleneck and a new layer, on the frozen features. A way back that is the same for all, such as coral's, favors the method whose it is. Errors as train::train; Interrupted.
std::vector<bool> right_on_the_way_back(Job& job, const AdaptCandidate& candidate);

/// Whether each answer is the label.
std::vector<bool> right_of(std::span<const int> answers, std::span<const int> labels);

}  // namespace graft::fit
