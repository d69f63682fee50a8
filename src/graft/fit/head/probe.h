// The head: solved on the frozen network's features of the photos. This is all of
// `--strategy head`, and the start of all other training (LP-FT, Kumar et al. 2022).
#pragma once

#include "graft/engine/features.h"
#include "graft/fit/head/head_input.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

struct Probe {
  Rows train, val;  // as the head sees the photos that can be read
  graph::HeadInput input;
  head::LinearHead head;
  std::size_t last_width;                   // numbers of a row that are the network's last features
  double cv_accuracy = 0, cv_log_loss = 0;  // of the head by cross-validation on the training photos; 0 without folds
  int folds = 0;
  head::L2Choice held_out = {};  // the cross-validated answer for each training row; empty if the user gave the penalty, or without folds
};

/// How features are computed with these options.
engine::ExtractOptions extract_options(const FitConfig& config);

/// Whether features of the mirror images are computed, too.
bool looks_in_the_mirror(const FitConfig& config);

/// Runs the backbone over all photos, and solves the head. Automatic choices are written into the config; `start` gets what later training needs.
/// Error (data) for photos that cannot be read, unless they may be skipped, and for a class without any.
Probe probe(Job& job, Start& start);

/// The rows of other photos as a head with this input sees them, after keep_readable.
Rows features_of(Job& job, engine::FeatureExtractor& extractor, const graph::HeadInput& input, std::vector<data::Sample>& samples,
                 const std::filesystem::path& folder, const char* what);

/// The layer on these rows, with the penalty of the options.
head::LinearHead solve(Job& job, const Rows& rows);

std::vector<float> logits_of(const head::LinearHead& head, const Rows& rows);

/// The head on only the network's last features, with the same penalty: a possible start for further training.
head::LinearHead last_features_head(Job& job, const Probe& probe);

/// The backbone with its last stage replaced by the layer.
graph::Graph assemble(const graph::Graph& backbone, const head::LinearHead& head, const graph::HeadInput& input);

/// The head of these photos solved again, with the same penalty, on features in float32.
Outcome head_in_float32(Job& job, const graph::HeadInput& input, const Start& start);

Outcome head_only(const Job& job, const Probe& probe);

}  // namespace graft::fit
