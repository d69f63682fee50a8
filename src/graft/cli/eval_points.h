// `graft eval --at-recall` and `--at-threshold`: a section of its report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graft/cli/eval_report.h"

namespace graft::cli {

/// recalls, thresholds: "CLASS=0.95" each. Nothing where there are none. Errors as check_points; Error (data) as point_at_recall.
std::optional<EvalSection> points_section(const std::vector<std::string>& recalls, const std::vector<std::string>& thresholds,
                                          const LabelledAnswers& answers);

/// Before the work. Error (usage) for a word without a number, one out of range, and a class that the model does not know, suggesting the nearest.
void check_points(const std::vector<std::string>& recalls, const std::vector<std::string>& thresholds, const std::vector<std::string>& names);

}  // namespace graft::cli
