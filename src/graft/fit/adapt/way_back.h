// Reverse validation: whether a method's predictions on the target lead back to the known labels of the source.
#pragma once

#include <vector>

#include "graft/fit/adapt/candidates.h"

namespace graft::fit {

/// For each validation photo of the source, whether the reverse model classifies it right. The reverse model learns the target's photos with the
/// candidate's predictions as labels, and is then adapted to the source by the candidate's own method (Zhong et al. 2010; Ganin et al. 2016, 5.1.2):
/// - none: a head is solved, without adaptation;
/// - coral: a head is solved on the target's rows recolored as the source's;
/// - cyclegan: a head is solved, and applied to the translated photos;
/// - methods trained by gradient steps: a bottleneck and a new layer are trained on the frozen features.
/// A way back shared by all methods, such as coral's, would favor the method that it belongs to. Errors as train::train; Interrupted.
std::vector<bool> right_on_the_way_back(Job& job, const AdaptCandidate& candidate);

/// Whether each prediction equals the label.
std::vector<bool> right_of(std::span<const int> answers, std::span<const int> labels);

}  // namespace graft::fit
