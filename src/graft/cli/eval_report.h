// What `graft eval` prints: the data it measured on, the evaluation, and sections, each a function of the answers.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "graft/cli/labelled_answers.h"

namespace graft::cli {

/// A section after the evaluation.
struct EvalSection {
  std::string key;              // in JSON
  nlohmann::ordered_json json;  // there
  std::string text;             // for a terminal, its lines ended
};

std::string eval_json(const LabelledAnswers& answers, const eval::AnyEvaluation& evaluation, const std::vector<EvalSection>& sections);
/// all_metrics: every number with its interval, too.
std::string eval_text(const LabelledAnswers& answers, const eval::AnyEvaluation& evaluation, const std::vector<EvalSection>& sections,
                      bool all_metrics);

}  // namespace graft::cli
