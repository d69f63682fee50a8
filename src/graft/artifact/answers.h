// A model's answers for labeled photos as a table: predictions.csv of a run, `graft eval --csv`.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "graft/artifact/model.h"
#include "graft/data/dataset.h"
#include "graft/trust/decide.h"

namespace graft::artifact {

/// "path,label,predicted,probability,loss,probability of CLASS,...", the highest loss first, equal ones by path. The loss is what the photo adds to the
/// log loss of an Evaluation; `probability` is that of the predicted class. Of MultiLabel the labels are "a;b", the column `probability` is not
/// there, and what is predicted are the classes from eval::kThreshold on. Where the model decides by costs, `predicted` is what costs least, and a column
/// `expected_cost` stands before the loss; where it gives sets of classes, a column `set` of "a;b" does. Photos are named as seen from `folder`, where the table will be, so that
/// `graft eval` and `graft fit` read it as a table of labelled photos. probabilities: (samples, classes); a decision for each sample.
std::string answers_csv(std::span<const data::Sample> samples, std::span<const float> probabilities, std::span<const trust::Decision> decisions,
                        const ModelCard& card, const std::filesystem::path& folder);

/// Such a table from `from`, changed for `to`: for a run whose files are moved to another folder.
std::string moved_answers(std::string_view csv, const std::filesystem::path& from, const std::filesystem::path& to, std::string_view name);

}  // namespace graft::artifact
