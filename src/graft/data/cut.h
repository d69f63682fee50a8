// Holding out a part of the training samples for validation, if the data has no validation part.
#pragma once

#include "graft/data/dataset.h"
#include "graft/data/source.h"

namespace graft::data {

/// Moves samples from train to val, by choose_val. Groups that were found automatically but cannot
/// be kept whole are ignored, with a note. Error (data) for a class with too few photos or groups.
void cut_val(const Source& source, Splits& splits, const SplitOptions& options);

/// Of each sample.
std::vector<std::vector<int>> classes_of(std::span<const Sample> samples);

/// The parts into which samples are divided: the validation part first, or the folds.
std::vector<double> shares_of(const SplitOptions& options);

}  // namespace graft::data
