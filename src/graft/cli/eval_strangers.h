// What `graft eval` reports about strangers: how many of its photos are unknown to the model, and how well it tells photos of other things (--ood) from them.
#pragma once

#include <filesystem>
#include <optional>

#include "graft/cli/eval_report.h"
#include "graft/cli/inference_options.h"

namespace graft::cli {

/// Nothing for a model without a rule for unknown photos.
std::optional<EvalSection> unknown_section(const LabelledAnswers& answers);

/// By the model's score of strangeness; without a rule, by the energy of its logits. Errors
/// (data): no photo there, one that cannot be read, one that the model was trained on.
EvalSection ood_section(const std::filesystem::path& model, const std::filesystem::path& strangers, const LabelledAnswers& answers,
                        const InferenceOptions& inference, const OutputOptions& output);

}  // namespace graft::cli
