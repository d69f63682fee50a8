// The source's photos translated to look like the target's (CycleGAN, Zhu et al. 2017), and a head that is solved on these.
#pragma once

#include <filesystem>
#include <memory>

#include "graft/fit/adapt/candidates.h"

namespace graft::fit {

/// Trains two generators between the source's training photos and the target's, or takes those that the same photos, options and machine gave before: the
/// cache keeps the state of a training, so the same command goes on where an interrupted one stopped. Then the head is solved on the translated training
/// photos, and judged on the translated validation photos on the way back. Error (data) where libgraft_train.so is not here and for photos that are too
/// small; errors as train::train_translation; Interrupted.
AdaptCandidate translated(Job& job, const Photos& photos, const Probe& probe, std::shared_ptr<const Domains> seen);

/// The translated training photos as translated/NUMBER.png, translated.csv (path,label) that lists them, and translated.png, a few beside their originals.
void write_translated(const Job& job, const Translation& translation, const std::filesystem::path& folder);

}  // namespace graft::fit
