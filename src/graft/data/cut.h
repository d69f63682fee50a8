// The part of the training samples that is kept back for validation where the data has none.
#pragma once

#include "graft/data/dataset.h"
#include "graft/data/source.h"

namespace graft::data {

/// Moves samples from train to val, by choose_val. Groups that we found ourselves and that cannot be kept whole are given up, with a note. Error (data) for a
/// class of too few images or groups.
void cut_val(const Source& source, Splits& splits, const SplitOptions& options);

/// Of each sample.
std::vector<std::vector<int>> classes_of(std::span<const Sample> samples);

/// Of the parts that samples are dealt into: the validation part first, or the folds.
std::vector<double> shares_of(const SplitOptions& options);

}  // namespace graft::data
