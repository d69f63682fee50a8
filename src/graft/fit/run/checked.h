// The end of a fit: the model is written and run again from disk; if rounding changes its answers, it is corrected.
#pragma once

#include <filesystem>
#include <optional>

#include "graft/artifact/session.h"
#include "graft/fit/job/state.h"
#include "graft/fit/run/run_folder.h"
#include "graft/graph/walks.h"

namespace graft::fit {

/// Writes `files`, whose graph is that of `outcome`, into the folder, and returns what the model there answers to the validation photos. The result is always
/// a valid model, unless the file is wrong (verify.h). If bf16 makes its answers differ from those in training, it is set to run in float32
/// (files.card.precision), and a note says so: a solved head (`input` is its input) is solved again on features in float32, and replaces `outcome`; after
/// training by gradient steps, which stored pictures in bf16, the answers of the file itself count. `each` sees the validation photos as they are read,
/// perhaps twice.
artifact::Predictions write_checked(Job& job, const Start& start, const Photos& photos, const std::optional<graph::HeadInput>& input, RunFiles& files,
                                    Outcome& outcome, const std::filesystem::path& folder, const data::EachImage& each = {});

}  // namespace graft::fit
