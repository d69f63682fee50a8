// The end of a fit: the model is written, run again from disk, and where rounding comes between it and its training, mended.
#pragma once

#include <filesystem>
#include <optional>

#include "graft/artifact/session.h"
#include "graft/fit/job/state.h"
#include "graft/fit/run/run_folder.h"
#include "graft/graph/walks.h"

namespace graft::fit {

/// Writes `files`, whose graph is that of `outcome`, into the folder, and returns what the model there answers to the validation photos.
/// There is a model in the end, unless its file is wrong (verify.h). Where bf16 makes it answer otherwise than its training saw, it is made to run in
/// float32 (files.card.precision), and a note says so: a solved head (`input` is what it sees) is solved again on features in float32, and replaces `outcome`;
/// after training by steps, whose pictures were in bf16, the file's own answers count. `each` sees the validation photos as they are read for that, perhaps twice.
artifact::Predictions write_checked(Job& job, const Start& start, const Photos& photos, const std::optional<graph::HeadInput>& input, RunFiles& files,
                                    Outcome& outcome, const std::filesystem::path& folder, const data::EachImage& each = {});

}  // namespace graft::fit
