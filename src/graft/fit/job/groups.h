// What --groups and --attributes say about the photos: the group of each photo, for each attribute.
#pragma once

#include <span>
#include <vector>

#include "graft/data/attributes.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// Before any work. Errors (usage) for --balance-groups without groups, and together with class weights.
void check_groups(const Configured<FitConfig>& config);

/// Of the photos that can be read; `unreadable` as Start has them. Empty without --groups.
struct PhotoGroups {
  std::vector<data::Attribute> train, val;
};
PhotoGroups groups_of(const Job& job, std::span<const std::size_t> unreadable);

/// All attributes combined with the class: the groups that --balance-groups balances. At least one attribute; labels: of the same photos.
data::Attribute with_classes(std::span<const data::Attribute> attributes, std::span<const int> labels, std::span<const std::string> classes);

/// Weights with which every group counts the same, with the same sum: each photo's `own` weight (empty: 1) times a factor for its group. Groups with weight 0
/// keep it.
std::vector<double> balancing_weights(const data::Attribute& group, std::span<const double> own);

}  // namespace graft::fit
