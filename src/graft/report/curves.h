// curves.svg of a run: how its training went, from history.json.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace graft::report {

/// After training by gradient steps: loss, accuracy and learning rate over the epochs, one below the other; for
/// a solved head: the cross-validated loss and accuracy over the strength of the L2 penalty. Nulls leave a gap;
/// losses far above the first are cut off. `name`: of the run. Empty if the last phase of `history` has neither.
std::string curves_svg(const nlohmann::ordered_json& history, const std::string& name);

}  // namespace graft::report
