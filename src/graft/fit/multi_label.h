// Photos of any number of classes: what of `fit` is otherwise than for one class each.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "graft/eval/multi_label.h"
#include "graft/fit/head_input.h"
#include "graft/fit/job.h"

namespace graft::fit {

/// Error (usage) for an option that has a meaning only where each photo has one class. An automatic --imbalance becomes none.
void check_multi_label(Configured<FitConfig>& config);

/// By cross-validation on these rows, of one class each or of any number.
head::L2Choice choose_l2(const FitConfig& config, const Rows& rows, int classes, ThreadPool& pool);

/// The layer on these rows, with the penalty of the options.
head::LinearHead solve(const FitConfig& config, const Rows& rows, int classes, ThreadPool& pool);

/// Part of the rows of which the layer's answer, or every one of its answers, is right.
double accuracy_of(const head::LinearHead& head, const Rows& rows, std::span<const std::string> classes);

/// Of the validation photos; of any number of classes, what FitResult::evaluation has of it.
eval::Evaluation common_part(const eval::MultiLabelEvaluation& evaluation);

}  // namespace graft::fit
