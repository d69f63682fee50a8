// How a run recognizes unknown photos (trust/unknown.h): the rule of its model, and RUN/training.npy with known photos.
#pragma once

#include <filesystem>
#include <vector>

#include "graft/artifact/model.h"
#include "graft/fit/head/probe.h"
#include "graft/fit/job/state.h"
#include "graft/fit/run/rules.h"
#include "graft/fit/run/trained_network.h"

namespace graft::fit {

/// The input of the last layer for the readable photos, and the network's answers for the validation photos.
struct LastLayer {
  Rows train, val;                                     // at most 2,000 of each
  std::vector<data::Sample> train_photos, val_photos;  // of the rows
  std::vector<float> val_logits;                       // (val, classes), as calibrated
  std::size_t last_width = 0;                          // how many of a row are the network's last features
};

/// `head`: the input of the solved head; null after training by gradient steps, when the network is run over the photos once more unless `rows` has the input
/// of its last layer.
LastLayer last_layer(const Job& job, const Photos& photos, const Probe* head, const std::optional<LastLayerRows>& rows, const Outcome& outcome);

/// Error (usage) for a --reject that is neither a fraction of the photos nor none.
void check_reject(const FitConfig& config);

/// Puts the rule for unknown photos into `found`: the score is chosen by leaving classes out, the threshold by the validation photos.
/// No rule with --reject none, or if there are too few photos for 5 %; Error (data) if there are too few for a given --reject.
void find_strangers(Job& job, const LastLayer& seen, FoundRules& found);

/// Writes the rows as indexes (artifact/known_photos.h) into `folder`, which already contains the model and will become `run`.
void write_known_photos(const std::filesystem::path& folder, const std::filesystem::path& run, const LastLayer& seen,
                        const artifact::ModelCard& card);

}  // namespace graft::fit
