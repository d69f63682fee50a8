// The state of a training in its run folder, from before its first step to its end, so that it can be taken up again:
//   RUN/checkpoint/config.json   every option as resolved, with its source
//   RUN/checkpoint/start         what the training begins from (safetensors): the new layer's weights, and how they came about
//   RUN/checkpoint/activations   what the frozen part makes of the photos (activations.h)
//   RUN/checkpoint/history.csv   the epochs so far (training_log.h); RUN/tensorboard: with --tensorboard
//   RUN/checkpoint/state         where the training stands (train/checkpoint.h); state.previous: the one before it
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

/// Of a trial that decides on the strategy (trial_record.h).
inline std::filesystem::path trial_folder(const std::filesystem::path& run) { return checkpoint_folder(run) / "trial"; }

/// Makes RUN/checkpoint with the options as they were given, for a run that is still to decide how it trains.
void write_asked(const std::filesystem::path& run, const Configured<FitConfig>& asked);

/// Whether a run goes on with its training, and not with the trial before it.
bool is_decided(const FitConfig& config);

/// Makes RUN/checkpoint with the options and the start in it, in place of what it has of these.
void write_start(const std::filesystem::path& run, const Configured<FitConfig>& config, const Start& start);

/// Error (data) when it is damaged or was edited.
Start read_start(const std::filesystem::path& run);

/// Fills `config` with the options of the run in its --resume, sources and all; what was given along with it goes over them. Error (usage) for a
/// run that is finished, or none, and for an --out of its own.
void take_up(Configured<FitConfig>& config);

/// Whether a number of the result depends on the option.
bool changes_result(const Field& option);

/// What the start and a checkpoint must have in common with the run that goes on from them: the options that a result depends on, the pretrained
/// weights, and the photos by their names and bytes. Reads all photos.
std::map<std::string, std::string> identity(const Configured<FitConfig>& config, const graph::Graph& pretrained,
                                            const std::vector<data::Sample>& train, const std::vector<data::Sample>& val);

/// What is not as it was: "--lr was 0.1, is 0.2". An option may have another name in what an older graft wrote.
std::vector<std::string> changes_since(const std::map<std::string, std::string>& then, const std::map<std::string, std::string>& now);

/// Error (data) that says what is not as it was when the training of `run` began.
void check_unchanged(const std::filesystem::path& run, const std::map<std::string, std::string>& then, const std::map<std::string, std::string>& now);

/// Removes what was computed from photos that may have changed since: all but the options, the trial, the start, the state and the log.
void forget_computed(const std::filesystem::path& run);

/// Whether `run` can be taken up: by its start, its state or its trial.
bool is_unfinished(const std::filesystem::path& run);

}  // namespace graft::fit
