// A pretrained network as it is, with the classes it was trained on.
#pragma once

#include "graft/artifact/session.h"
#include "graft/models/registry.h"

namespace graft::artifact {

/// The network with its own head: labels "0", "1" and so on, one an output, and its source's preprocessing. Its weights are those that lie on this
/// machine. Automatic precision is what an earlier run found for its features, else float32: nothing is measured for a photo or two.
/// Error (data) when its weights have no head, Error (usage) when it ends at a stage; both point to `graft embed`.
std::shared_ptr<const Session> pretrained_session(const models::Network& network, const SessionOptions& options);

}  // namespace graft::artifact
