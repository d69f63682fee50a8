// Features of the photos of a data set by the default backbone, in bounded memory however many there are.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/doctor/examine.h"
#include "graft/search/table.h"

namespace graft::doctor {

/// A row for each photo, zeros of unreadable ones. At most 256 MiB: where the rows would take more they are made shorter by adding features up with random
/// signs (feature hashing, Weinberger et al. 2009), which keeps products of rows in the mean. Nothing, and a sentence in `notes`, where the backbone's
/// weights are not on this machine. Those of photos seen before come from the cache.
std::optional<search::Table> photo_features(std::span<const PhotoFacts> photos, int threads, std::vector<std::string>& notes, const Begin& begin);

/// Row of `width` features, added up to `to.size()`; the same one for the same sizes.
void shorten(std::span<const float> row, std::span<float> to);

/// Adds the suspicious labels to the report. `copies`: photos that are held out together, beside those of one group and of the same pixels.
void find_suspicious_labels(Report& report, const search::Table& features, std::span<const CopyGroup> copies, uint64_t seed, ThreadPool& pool);

}  // namespace graft::doctor
