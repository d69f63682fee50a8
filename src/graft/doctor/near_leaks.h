// Validation photos with near copies in training, found by the features that a fit has computed anyway.
#pragma once

#include <span>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/doctor/near_copies.h"
#include "graft/search/table.h"

namespace graft::doctor {

/// Pairs of a training photo and a validation photo, ascending.
struct NearLeaks {
  std::vector<CopyPair> same;  // the same pixels in other bytes; the first such training photo of each
  std::vector<CopyPair> near;
};

/// Among `photos`, training then validation, whose headers have been read.
///
/// Each validation photo is paired with the training photo of the nearest features, if their cosine is at least kFeatureCosine (candidates.h) and
/// their bytes differ. The nearest pairs are decoded and judged by their pixels, sixteen at a time, as long as a quarter of them are copies; so a
/// data set without copies costs almost nothing. If there are some, 256 training photos tell what the data set has in common (near_copies.h).
NearLeaks near_leaks(std::span<const PhotoFacts> photos, const search::Table& train_features, const search::Table& val_features, ThreadPool& pool);

}  // namespace graft::doctor
