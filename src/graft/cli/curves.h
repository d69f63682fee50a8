// How a training went, in a line for each curve.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace graft::cli {

/// Of a phase of history.json: loss, accuracy and learning rate by epoch, or the path of a solved head's penalty. Empty where it has neither.
std::string curves(const nlohmann::ordered_json& phase);

/// The loss by epoch alone. Empty where nothing was trained in epochs.
std::string loss_curves(const nlohmann::ordered_json& phase);

}  // namespace graft::cli
