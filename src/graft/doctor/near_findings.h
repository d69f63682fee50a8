// What there is to say of near copies.
#pragma once

#include "graft/doctor/examine.h"
#include "graft/doctor/near_copies.h"

namespace graft::doctor {

/// Adds the findings of near copies to the report, each group with the photos of the same pixels; returns the groups. `begin` as of examine.
std::vector<CopyGroup> find_near_copies(Report& report, const NearCopyOptions& options, ThreadPool& pool, const Begin& begin = {});

}  // namespace graft::doctor
