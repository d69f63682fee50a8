// What a finished run answered, read from its folder: the one place where runs that are compared come from, trained now or long ago.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace graft::study {

struct Outcome {
  std::filesystem::path run;
  std::vector<std::string> paths;   // of the validation images as the current folder sees them, sorted
  std::vector<std::string> labels;  // of each
  std::vector<bool> right;          // whether the model answers that
};

/// From RUN/predictions.csv, whose paths are relative to the run; a file without a column `loss` is of an earlier graft, and they are relative to the
/// current folder. Error (data) for no such run, one that is not finished, and a file that is damaged.
Outcome read_outcome(const std::filesystem::path& run);

enum class Metric {
  accuracy,
  balanced_accuracy,  // mean over the labels of the part that is answered rightly
};
double value_of(const Outcome& outcome, Metric metric);

/// Error (data) that names an image which only one of them has, or has with another label.
void check_same_images(const Outcome& first, const Outcome& second);

}  // namespace graft::study
