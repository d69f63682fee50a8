// Features of the photos of a data set by the default backbone, in bounded memory however many there are.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/doctor/examine.h"
#include "graft/search/table.h"

namespace graft::doctor {

/// A row for each photo, zeros for unreadable ones. At most 256 MiB: if the rows would take more, they are shortened by adding
/// features up with random signs (feature hashing, Weinberger et al. 2009), which preserves products of rows on average. Nothing,
/// and a sentence in `notes`, if the backbone's weights are not on this machine. Features of photos seen before come from the cache.
std::optional<search::Table> photo_features(std::span<const PhotoFacts> photos, int threads, std::vector<std::string>& notes, const Begin& begin);

/// Shortens a row of `width` features to `to.size()`; always in the same way for the same sizes.
void shorten(std::span<const float> row, std::span<float> to);

/// Adds the suspicious labels to the report. `copies`: photos that are held out together, in addition to those of one group and of the same pixels.
void find_suspicious_labels(Report& report, const search::Table& features, std::span<const CopyGroup> copies, uint64_t seed, ThreadPool& pool);

}  // namespace graft::doctor
