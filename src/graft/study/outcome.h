// The answers of a finished run, read from its folder: all comparisons get their runs from here, whether trained now or long ago.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/data/task.h"
#include "graft/fit/job/leaked.h"

namespace graft::study {

struct Outcome {
  std::filesystem::path run;
  std::vector<std::string> paths;   // of the validation photos, relative to the current folder, sorted
  std::vector<std::string> labels;  // of each
  std::vector<bool> right;          // whether the model's answer is right
  data::Task task = {};
  std::vector<std::string> classes = {};         // none if an earlier graft wrote the file
  std::vector<float> probabilities = {};         // (images, classes), to six digits as the file has them
  std::vector<double> losses = {};               // of each image
  std::vector<int> numbers = {};                 // of SingleLabel: of each image's class
  std::vector<float> targets = {};               // of MultiLabel: (images, classes)
  std::optional<fit::LeakedImages> leaked = {};  // as RUN/eval.json has it
};

/// From RUN/predictions.csv, whose paths are relative to the run; a file without a column `loss` is of an earlier graft, and they are relative to the
/// current folder. Error (data) for no such run, one that is not finished, and a file that is damaged.
Outcome read_outcome(const std::filesystem::path& run);

/// A score by its name (eval/scores.h), without the photos for which left[i] is true. Accuracy uses the predicted
/// class and log loss the losses in the file, which are exact; the others are computed from its probabilities.
/// Error (usage) as eval::check_score; Error (data) for a file of an earlier graft that lacks what is needed.
double value_of(const Outcome& outcome, const std::string& score, const std::vector<bool>& left = {});

/// Error (data) that names a photo which only one of them has, or which has different labels.
void check_same_images(const Outcome& first, const Outcome& second);

}  // namespace graft::study
