// What `graft eval` tells of a model's rules: whether its sets hold what they promise, and what its decisions by costs cost.
#pragma once

#include <vector>

#include "graft/cli/eval_report.h"

namespace graft::cli {

/// None of a model without such rules.
std::vector<EvalSection> trust_sections(const LabelledAnswers& answers);

}  // namespace graft::cli
