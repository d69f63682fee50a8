// Findings about near copies, and about photos that look alike.
#pragma once

#include "graft/doctor/examine.h"
#include "graft/doctor/near_copies.h"

namespace graft::doctor {

/// Adds the findings for each group to the report, including the photos with the same pixels.
void add_findings(Report& report, const std::vector<CopyGroup>& groups);

/// Finds them and adds the findings; returns the groups without the photos of the same pixels. `begin` as in examine.
std::vector<CopyGroup> find_near_copies(Report& report, const NearCopyOptions& options, ThreadPool& pool, const Begin& begin = {});

}  // namespace graft::doctor
