// `graft eval --errors DIR`: the photos that the model gets wrong, in a folder to look through.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/cli/labelled_answers.h"

namespace graft::cli {

/// A photo and what is wrong about its answer.
struct Mistake {
  std::size_t sample;
  float
      confidence;  // SingleLabel: the probability of what is said; MultiLabel: the highest probability of a class that is wrong to be said or missed
  std::string truth, said;  // names of classes, "a+b" of several, "none" of none
};

/// The most confident first, equal ones in the order of the samples.
std::vector<Mistake> mistakes_of(const LabelledAnswers& answers);

/// "001-0.98-true-ants-said-bees-NAME.jpg", the first number among `count`. Whatever the names of class and photo are, it is one name of a file, at most 255 bytes
/// of printable characters without / and \, with the photo's extension.
std::string mistake_name(const Mistake& mistake, std::size_t number, std::size_t count, const std::filesystem::path& photo);

/// Before the work: Error (data) where DIR is there and not an empty folder.
void refuse_errors_folder(const std::filesystem::path& folder);

/// Writes the folder in one step, or none if there is no mistake. Links contain the photo's absolute
/// path, so they keep working when the folder is moved. Error (data) if the file system has no links.
void write_mistakes(const std::vector<Mistake>& mistakes, const LabelledAnswers& answers, const std::filesystem::path& folder, bool copy);

}  // namespace graft::cli
