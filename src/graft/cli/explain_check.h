// `graft explain --check`: whether a model's maps mean anything.
#pragma once

#include <filesystem>
#include <vector>

#include "graft/cli/command.h"
#include "graft/explain/check.h"

namespace graft::cli {

/// Error (usage) for options of `graft explain` that concern drawing.
void refuse_beside_check(const Origins& origins);

/// Checks the maps of all these photos and prints what was found. Errors (data): fewer than explain::kFewestChecked photos, one that
/// cannot be read; else as explain::open_explainer.
void explain_check(const std::filesystem::path& model, const std::vector<std::filesystem::path>& photos, const explain::ExplainOptions& how,
                   const OutputOptions& output);

/// Numbers and sentences, and the same as JSON: {"photos", "method", "steps", "seed", "resamples", "insertion", "deletion", "insertion_minus_deletion":
/// {"maps", "centre", "random"}, "more_than_centre", "more_than_random", "shuffled": [{"what", "rank_correlation"}], "reliable", "verdict"}, every number with
/// its interval as {"mean", "interval": [low, high]}.
std::string check_text(const explain::MapCheck& check);
nlohmann::ordered_json check_json(const explain::MapCheck& check);

}  // namespace graft::cli
