// confusion.svg of a run: what its model takes for what, of eval.json.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace graft::report {

/// A row for each true class, a column for each answer: photos, and the deeper a colour the larger their part of the row. The cells are groups of the
/// class `cell` with data-true and data-predicted, numbers of classes. Of more than 24 classes the 24 with most mistakes, which the picture says.
/// `name`: of the run. Empty where `evaluation` has no such table, as of photos of several classes.
std::string confusion_svg(const nlohmann::ordered_json& evaluation, const std::string& name);

}  // namespace graft::report
