// What a finished run answered, read from its folder: the one place where runs that are compared come from, trained now or long ago.
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
  std::vector<std::string> paths;   // of the validation images as the current folder sees them, sorted
  std::vector<std::string> labels;  // of each
  std::vector<bool> right;          // whether the model answers that
  data::Task task = {};
  std::vector<std::string> classes = {};         // none where an earlier graft wrote the file
  std::vector<float> probabilities = {};         // (images, classes), to six digits as the file has them
  std::vector<double> losses = {};               // of each image
  std::vector<int> numbers = {};                 // of SingleLabel: of each image's class
  std::vector<float> targets = {};               // of MultiLabel: (images, classes)
  std::optional<fit::LeakedImages> leaked = {};  // as RUN/eval.json has it
};

/// From RUN/predictions.csv, whose paths are relative to the run; a file without a column `loss` is of an earlier graft, and they are relative to the
/// current folder. Error (data) for no such run, one that is not finished, and a file that is damaged.
Outcome read_outcome(const std::filesystem::path& run);

/// A score by its name (eval/scores.h); without the images that left[i] is true for. Accuracy goes by what the file says is predicted and log loss by its
/// losses, which are exact; the others are computed of its probabilities. Error (usage) as eval::check_score; Error (data) for a file of an earlier graft that
/// does not have what it takes.
double value_of(const Outcome& outcome, const std::string& score, const std::vector<bool>& left = {});

/// Error (data) that names an image which only one of them has, or has with another label.
void check_same_images(const Outcome& first, const Outcome& second);

}  // namespace graft::study
