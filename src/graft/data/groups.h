// Photos that belong together, of one patient, plant, part or video: testing a model on a photo of somebody it was trained on says little about others.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "graft/data/dataset.h"
#include "graft/data/source.h"

namespace graft::data {

/// The groups of a source, by --group-from-name, or if there are no others, by the patients that
/// DICOM files name (as a hash). Error (data) for photos in whose names the expression finds nothing.
void find_groups(Source& source, const SourceOptions& options);

/// For each sample its part, from 0: whole units only, each class in about its share of every part (greedy, larger units mostly first, as scikit-learn's
/// StratifiedGroupKFold). unit[i] names the unit of sample i, classes[i] its classes, from 0; `shares` of the parts add up to 1. A class of a single unit is
/// in the last part, one of several in more than one part, as far as whole units allow; of two parts the last one has every class. By names and seed: the
/// order of the samples does not matter.
std::vector<int> deal_units(std::span<const std::string> units, std::span<const std::vector<int>> classes, std::span<const double> shares,
                            uint64_t seed);

/// The unit of each sample: its group, or the sample alone (by its name) if it has none. names[i]: its path inside the dataset.
std::vector<std::string> units_of(std::span<const std::string> names, std::span<const Sample> samples);

/// How many units each class is in.
std::vector<std::size_t> units_per_class(std::span<const std::string> units, std::span<const std::vector<int>> classes, std::size_t count);

bool has_groups(std::span<const Sample> samples);

/// A sentence about groups in both train and val; empty if there are none.
std::string divided_groups(const Splits& splits, const std::string& what);

}  // namespace graft::data
