// What an option usually has when it is used, as its help or its paper says: for `graft ablate --options mixup`.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace graft::study {

/// Words of the command line: "mixup" -> {"--mixup", "0.2"}; nothing for an option that has no usual value.
std::optional<std::vector<std::string>> usual(const std::string& option);

/// The options that have one, sorted.
std::vector<std::string> usual_options();

}  // namespace graft::study
