// What a run knows of strangers (trust/unknown.h), and the photos by which it does: the rule of its model, and RUN/training.npy.
#pragma once

#include <filesystem>
#include <vector>

#include "graft/artifact/model.h"
#include "graft/fit/head/probe.h"
#include "graft/fit/job/state.h"
#include "graft/fit/run/rules.h"
#include "graft/fit/run/trained_network.h"

namespace graft::fit {

/// What the last layer reads of photos that can be read, and what the network says to those of validation.
struct LastLayer {
  Rows train, val;                                     // at most 2,000 of each
  std::vector<data::Sample> train_photos, val_photos;  // of the rows
  std::vector<float> val_logits;                       // (val, classes), as calibrated
  std::size_t last_width = 0;                          // how many of a row are the network's last features
};

/// `head`: what the solved head saw; null after a training by steps, whose network is run over the photos once more unless `rows` has what its last layer read.
LastLayer last_layer(const Job& job, const Photos& photos, const Probe* head, const std::optional<LastLayerRows>& rows, const Outcome& outcome);

/// Error (usage) for a --reject that is neither a part of the photos nor none.
void check_reject(const FitConfig& config);

/// The rule of strangers, into `found`: the score by leaving classes out, the threshold by the validation photos. None with --reject none, nor where they are
/// too few for 5 %; Error (data) where they are too few for a --reject that was asked for.
void find_strangers(Job& job, const LastLayer& seen, FoundRules& found);

/// The rows as indexes (artifact/known_photos.h) in `folder`, where the model is already and which will be `run`.
void write_known_photos(const std::filesystem::path& folder, const std::filesystem::path& run, const LastLayer& seen,
                        const artifact::ModelCard& card);

}  // namespace graft::fit
