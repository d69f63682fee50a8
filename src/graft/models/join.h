// "a+b": networks of the registry side by side, as one (graph/join.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graft/models/registry.h"

namespace graft::models {

/// Whether the name has a + in it, which no network's own name has.
bool is_join(std::string_view name);

/// The networks of the name, the first of which says what pictures all of them see; one of a name without a +. Errors (usage) as find_network; for an
/// empty part, a network given twice, and an ONNX file among them.
std::vector<Network> find_networks(std::string_view name);

/// As find_networks takes it.
std::string name_of(const std::vector<Network>& networks);

}  // namespace graft::models
