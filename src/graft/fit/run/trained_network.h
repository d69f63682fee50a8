// The network of an outcome as it will be deployed, run on photos before it is written.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "graft/artifact/session.h"
#include "graft/fit/head/head_input.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// A network's answers for photos.
struct Answered {
  Rows rows;  // labels, groups and weights of the photos; values: the input of the last layer, if features are asked for
  std::vector<float> logits;
  std::vector<Hash128> hashes;
};

/// The input of its last layer for all photos.
struct LastLayerRows {
  Rows train, val;
};

class TrainedNetwork {
 public:
  /// Compiles it. Error (data) if features are asked for but it does not end in a linear layer.
  TrainedNetwork(const Job& job, const Outcome& outcome, bool features);

  /// `data`: where the photos are from, and `what` they are, for messages and progress. Error (data) for photos that cannot be read.
  Answered ask(const std::vector<data::Sample>& photos, const std::filesystem::path& data, const std::string& what) const;

 private:
  const Job& job_;
  std::shared_ptr<const artifact::Session> session_;
};

}  // namespace graft::fit
