// How much each training photo counts: instance transfer, from a table of the user.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "graft/data/dataset.h"

namespace graft::data {

/// Gives the training photos of `splits` the weights of a CSV or TSV `file` with the columns path and weight (at least 0); a path is relative to the
/// file's folder or to root_of(dataset). Photos that are not listed keep their 1, those of val and test have none. Returns sentences that say so.
/// Errors (data) as "file:line: ...": no number, below 0, a path that is none of the photos, two weights for one; a class whose photos all weigh 0.
std::vector<std::string> read_weights(const std::filesystem::path& file, const std::filesystem::path& dataset, Splits& splits);

/// The table for these photos, as read_weights reads it.
std::string weights_csv(std::span<const Sample> samples, const std::filesystem::path& dataset);

}  // namespace graft::data
