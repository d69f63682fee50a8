// What `predict` and `search` have in common: photos are answered one by one, in order, while later ones are still being read.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "graft/cli/command.h"
#include "graft/data/dataset.h"
#include "graft/data/loader.h"

namespace graft::cli {

using Photos = std::vector<std::filesystem::path>;

struct PhotoAnswers {
  std::vector<data::Unreadable> unreadable;                                   // ascending
  std::function<std::string(const std::string& photo, std::size_t i)> lines;  // to print of the readable photo i
};

/// {"files": 9, "kinds": {"tif": 4, ...}, "reason": "not images by their names"}: what was left out of folders.
nlohmann::ordered_json left_out_json(const data::ImageList& photos);

/// Says what was left out of folders: on standard error, and with --json as a last line.
void tell_left_out(const data::ImageList& photos, const OutputOptions& output);

/// Calls `answer` for some hundred photos at a time and prints its lines; unreadable photos are named on standard
/// error. Returns the exit code, 1 if there were any. `advance` takes the number of photos just finished.
int print_answers(const std::string& what, const Photos& photos, const OutputOptions& output,
                  const std::function<PhotoAnswers(const Photos& some, const std::function<void(std::size_t)>& advance)>& answer);

}  // namespace graft::cli
