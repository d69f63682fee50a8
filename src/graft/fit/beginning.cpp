#include "graft/fit/beginning.h"

#include <algorithm>

#include "graft/fit/fine_tune.h"
#include "graft/graph/walks.h"

namespace graft::fit {

void choose_beginning(Job& job) {
  const transfer::Plan plan = plan_of(job.config, graph::replace_head(job.pretrained.graph, job.classes(), {}));
  const bool live = std::ranges::any_of(plan.stages, &transfer::StagePlan::batch_norm_live);
  choose(job.config, "begin", live ? Beginning::zero : Beginning::solved, live ? "batch norm is live" : "batch norm is fixed");
  choose(job.config, "lr", live ? 0.01 : 0.001, live ? "batch norm is live" : "batch norm is fixed");
}

head::LinearHead zero_head(const Job& job) {
  const auto classes = static_cast<std::size_t>(job.classes()), width = static_cast<std::size_t>(graph::feature_count(job.pretrained.graph));
  return {std::vector<float>(classes * width), std::vector<float>(classes), classes, width};
}

}  // namespace graft::fit
