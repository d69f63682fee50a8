// The trainings of a study and their folders: RUN/study.json (its options) and RUN/runs/NAME.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "graft/fit/fit.h"
#include "graft/study/outcome.h"
#include "graft/study/variant.h"

namespace graft::study {

inline constexpr const char* kRecord = "study.json";
inline constexpr const char* kTrialPhotos = "tuning.csv";  // of `graft tune`

/// The same variants with another seed or part of the photos.
struct Repeat {
  std::string name;
  std::vector<std::string> words;
};

struct Study {
  std::string command;  // "fit"
  nlohmann::ordered_json options;
  Configured<fit::FitConfig> asked;
  std::vector<Variant> variants;  // the first is the one that was asked for
  std::vector<Repeat> repeats;
  double overlap = 0;
  std::string metric = "accuracy";  // the score that is compared
};

/// This many seeds, starting from this one, each with this many folds (0: none).
std::vector<Repeat> repeats_of(uint64_t seed, int seeds, int folds);

/// Error (usage) for a score that these photos do not have.
void check_metric(const fit::FitConfig& config, const std::string& score);

/// Finds everything that can be wrong before the first training; sets the overlap.
void check(Study& study);

std::filesystem::path folder_of(const std::filesystem::path& out, const std::string& name);

/// Trains into `run`; continues it if it was stopped, and does nothing if it is finished.
void train(const Configured<fit::FitConfig>& config, const std::filesystem::path& run, const fit::Listener& listener);

/// outcomes[variant][repeat], after training those that are not finished.
std::vector<std::vector<Outcome>> train_all(const Study& study, const std::filesystem::path& out, const fit::Listener& listener);

/// Makes RUN contain the model of this run, without using the disk space twice.
void deploy(const std::filesystem::path& run, const std::filesystem::path& out);

/// Runs `work` on a folder that has the record of the study. Interrupted says how to continue; nothing is left if no training got anywhere.
void in_folder(const Study& study, const std::filesystem::path& out, const std::function<void()>& work);

std::vector<std::string> names_of(const std::vector<Variant>& variants);

}  // namespace graft::study
