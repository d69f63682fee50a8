// confusion.svg of a run: which classes its model confuses, from eval.json.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace graft::report {

/// A row for each true class, a column for each answer: numbers of photos, with a deeper color for a larger share of the row. The cells
/// are groups of the class `cell` with data-true and data-predicted, indices of classes. If there are more than 24 classes, it shows
/// the 24 with the most mistakes and says so. `name`: of the run. Empty if `evaluation` has no such table (several classes per photo).
std::string confusion_svg(const nlohmann::ordered_json& evaluation, const std::string& name);

}  // namespace graft::report
