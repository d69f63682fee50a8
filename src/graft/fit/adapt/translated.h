// Translates the source's photos to look like the target's (CycleGAN, Zhu et al. 2017), and solves a head on them.
#pragma once

#include <filesystem>
#include <memory>

#include "graft/fit/adapt/candidates.h"

namespace graft::fit {

/// Trains two generators between the source's training photos and the target's, or takes cached ones of the same photos, options and machine. The
/// cache also keeps the state of an unfinished training, so the same command resumes an interrupted one. Then the head is solved on the translated
/// training photos; on the way back (way_back.h) it is judged on the translated validation photos. Error (data) if libgraft_train.so is missing or
/// photos are too small; errors as train::train_translation; Interrupted.
AdaptCandidate translated(Job& job, const Photos& photos, const Probe& probe, std::shared_ptr<const Domains> seen);

/// Writes the translated training photos as translated/NUMBER.png, a list of them as translated.csv (path,label), and a few beside their originals as
/// translated.png.
void write_translated(const Job& job, const Translation& translation, const std::filesystem::path& folder);

}  // namespace graft::fit
