#include "graft/fit/job/groups.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/error.h"
#include "graft/train/checks.h"

namespace graft::fit {

void check_groups(const Configured<FitConfig>& config) {
  const FitConfig& c = config.values;
  if (c.balance_groups == BalanceGroups::none) return;
  if (!c.by_group.asked())
    throw usage_error(c.balance_groups == BalanceGroups::dfr ? "--balance-groups dfr" : "--balance-groups dro",
                      "needs groups of the photos, but none are named", "give --groups FILE, or --attributes NAME,NAME");
  if (c.balance_groups == BalanceGroups::dro) return train::check_groups(c.training);
  if (!c.by_steps() && (c.training.imbalance == train::Imbalance::weights || c.training.imbalance == train::Imbalance::effective))
    throw usage_error("--balance-groups dfr", "already lets every class count the same, but --imbalance says how classes count", "omit --imbalance");
}

PhotoGroups groups_of(const Job& job, std::span<const std::size_t> unreadable) {
  std::vector<std::size_t> train, val;
  const std::size_t first = job.splits.train.size();
  for (std::size_t i = 0; i < first + job.splits.val.size(); ++i)
    if (!std::ranges::binary_search(unreadable, i)) (i < first ? train : val).push_back(i);
  PhotoGroups groups;
  for (const data::Attribute& attribute : job.attributes) {
    groups.train.push_back(data::of_samples(attribute, train));
    groups.val.push_back(data::of_samples(attribute, val));
  }
  return groups;
}

data::Attribute with_classes(std::span<const data::Attribute> attributes, std::span<const int> labels, std::span<const std::string> classes) {
  data::Attribute all{.name = "class", .values = {classes.begin(), classes.end()}, .of = {labels.begin(), labels.end()}};
  for (const data::Attribute& attribute : attributes) all = data::crossed(all, attribute);
  return all;
}

std::vector<double> balancing_weights(const data::Attribute& group, std::span<const double> own) {
  std::vector<double> weights(group.of.size(), 1), sums(group.values.size());
  if (!own.empty()) weights.assign(own.begin(), own.end());
  double total = 0, groups = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    sums[static_cast<std::size_t>(group.of[i])] += weights[i];
    total += weights[i];
  }
  for (const double sum : sums) groups += sum > 0 ? 1 : 0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (const double sum = sums[static_cast<std::size_t>(group.of[i])]; sum > 0) weights[i] *= total / (groups * sum);
  return weights;
}

}  // namespace graft::fit
