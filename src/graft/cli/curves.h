// How a training went, one line per curve.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace graft::cli {

/// For a phase of history.json: loss, accuracy and learning rate by epoch, or the path of a solved head's penalty. Empty if it has neither.
std::string curves(const nlohmann::ordered_json& phase);

/// Only the loss by epoch. Empty if nothing was trained in epochs.
std::string loss_curves(const nlohmann::ordered_json& phase);

}  // namespace graft::cli
