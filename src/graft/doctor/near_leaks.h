// Validation photos that are almost in training, looked for with features that a fit has computed anyway.
#pragma once

#include <span>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/doctor/near_copies.h"
#include "graft/search/table.h"

namespace graft::doctor {

/// Pairs of a training photo and a validation photo, ascending.
struct NearLeaks {
  std::vector<CopyPair> same;  // pixels, in other bytes; the first such training photo of each
  std::vector<CopyPair> near;
};

/// Among `photos`, which are training then validation and have been glanced at.
///
/// For each validation photo the training photo of the nearest features is looked at, from a cosine of kFeatureCosine (candidates.h) on, unless their bytes
/// are the same. The nearest pairs are decoded and judged by their pixels, sixteen at a time, as long as a quarter of them are copies: so a set without any
/// costs next to nothing. Where there are some, 256 training photos tell what the set has in common (near_copies.h).
NearLeaks near_leaks(std::span<const PhotoFacts> photos, const search::Table& train_features, const search::Table& val_features, ThreadPool& pool);

}  // namespace graft::doctor
