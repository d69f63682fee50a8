// What is known of the photos by --groups and --attributes: in which group of each attribute each of them is.
#pragma once

#include <span>
#include <vector>

#include "graft/data/attributes.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// Before any work. Errors (usage) for --balance-groups without groups, and with a weighing of the classes.
void check_groups(const Configured<FitConfig>& config);

/// Of the photos that can be read; `unreadable` as Start has them. Empty without --groups.
struct PhotoGroups {
  std::vector<data::Attribute> train, val;
};
PhotoGroups groups_of(const Job& job, std::span<const std::size_t> unreadable);

/// All attributes and the class together: what --balance-groups makes alike. At least one attribute; labels: of the same photos.
data::Attribute with_classes(std::span<const data::Attribute> attributes, std::span<const int> labels, std::span<const std::string> classes);

/// Weights that let every group count the same and keep the sum: each photo's `own` (empty: 1) times what its group needs. Groups without weight get none.
std::vector<double> balancing_weights(const data::Attribute& group, std::span<const double> own);

}  // namespace graft::fit
