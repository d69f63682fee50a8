// What there is to say of near copies, and of photos that look alike.
#pragma once

#include "graft/doctor/examine.h"
#include "graft/doctor/near_copies.h"

namespace graft::doctor {

/// Adds to the report what is to be said of each group, with the photos of the same pixels.
void add_findings(Report& report, const std::vector<CopyGroup>& groups);

/// Finds them, and adds what is to be said; returns the groups without the photos of the same pixels. `begin` as of examine.
std::vector<CopyGroup> find_near_copies(Report& report, const NearCopyOptions& options, ThreadPool& pool, const Begin& begin = {});

}  // namespace graft::doctor
