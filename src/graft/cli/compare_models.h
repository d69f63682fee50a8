// `graft compare RUN1 RUN2 --data D`: two models measured on the same labeled photos.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/cli/labelled_answers.h"

namespace graft::cli {

struct CompareOnData {
  std::filesystem::path first, second;
  AskedPhotos photos;
  std::string metric;
  std::optional<std::filesystem::path> csv;
  InferenceOptions inference;
  OutputOptions output;
};

/// Runs both, each with its own preprocessing, and prints and writes the result. Errors (data) as answer_labelled, and for models with different tasks or
/// classes, which are named.
void compare_on_data(const CompareOnData& asked);

}  // namespace graft::cli
