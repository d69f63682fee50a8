// The chain of runs that a model came from, for a terminal.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "graft/artifact/chain.h"

namespace graft::cli {

/// A line for each model, from the model itself to the pretrained network, with what the check of each transfer said; nothing for a model that came from no run.
std::string chain_text(const std::vector<artifact::Link>& chain);

/// [{run, strategy, data, classes, photos, target, transfer}, ...] of the same; what a provenance does not say is null.
nlohmann::ordered_json chain_json(const std::vector<artifact::Link>& chain);

}  // namespace graft::cli
