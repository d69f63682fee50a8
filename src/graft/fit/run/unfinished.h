// The state of a training in its run folder, from before its first step to its end, so that it can be resumed:
//   RUN/checkpoint/config.json   every option as resolved, with its source
// RUN/checkpoint/start         what the training starts from (safetensors): the new layer's weights, and
// how they were found RUN/checkpoint/activations   the frozen part's output for the photos (activations.h)
//   RUN/checkpoint/history.csv   the epochs so far (training_log.h); RUN/tensorboard: with --tensorboard
//   RUN/checkpoint/state.source  of `graft adapt --method shot`: the checkpoint of the training on the source before it
//   RUN/checkpoint/state         the checkpoint (train/checkpoint.h); state.previous: the one before it
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "graft/data/dataset.h"
#include "graft/fit/job/state.h"
#include "graft/graph/graph.h"

namespace graft::fit {

/// The folder of the trials that decide on the strategy (trial_record.h).
inline std::filesystem::path trial_folder(const std::filesystem::path& run) { return checkpoint_folder(run) / "trial"; }

/// Creates RUN/checkpoint with the options as they were given, for a run that has not yet decided how it trains.
void write_asked(const std::filesystem::path& run, const Configured<FitConfig>& asked);

/// Whether a run continues with its training, rather than with the trials before it.
bool is_decided(const FitConfig& config);

/// Creates RUN/checkpoint with the options and the start, replacing those that are there.
void write_start(const std::filesystem::path& run, const Configured<FitConfig>& config, const Start& start);

/// Error (data) if it is damaged or was edited.
Start read_start(const std::filesystem::path& run);

/// Fills `config` with the options of the run in its --resume, including their sources; options given along with --resume
/// override them. Error (usage) for a finished run, for a folder that is not a run, and for an --out of its own.
void take_up(Configured<FitConfig>& config);

/// Whether any number of the result depends on the option.
bool changes_result(const Field& option);

/// What the start and a checkpoint must have in common with the run that resumes from them: the options
/// that affect results, the pretrained weights, and the photos by their names and bytes. Reads all photos.
std::map<std::string, std::string> identity(const Configured<FitConfig>& config, const graph::Graph& pretrained,
                                            const std::vector<data::Sample>& train, const std::vector<data::Sample>& val);

/// "120 images (5c2ab0f3)": their number, and a hash of their bytes, labels and names.
std::string photos_of(const std::vector<data::Sample>& samples, int threads);

/// What has changed: "--lr was 0.1, is 0.2". An option may have another name in the record of an older graft.
std::vector<std::string> changes_since(const std::map<std::string, std::string>& then, const std::map<std::string, std::string>& now);

/// Error (data) that says what has changed since the training of `run` began.
void check_unchanged(const std::filesystem::path& run, const std::map<std::string, std::string>& then, const std::map<std::string, std::string>& now);

/// Removes what was computed from photos that may have changed since: all but the options, the trial, the start, the state and the log.
void forget_computed(const std::filesystem::path& run);

/// Whether `run` can be resumed: from its start, its checkpoint or its trials.
bool is_unfinished(const std::filesystem::path& run);

}  // namespace graft::fit
