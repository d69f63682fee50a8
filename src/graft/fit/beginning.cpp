#include "graft/fit/beginning.h"

#include <algorithm>

#include "graft/fit/fine_tune.h"
#include "graft/fit/new_layer.h"

namespace graft::fit {

void choose_beginning(Job& job) {
  const FitConfig& c = job.config.values;
  const transfer::Plan plan = plan_of(job.config, with_new_layer(job));
  const bool head_alone = c.strategy == transfer::Kind::head;
  if (head_alone) {
    choose(job.config, "begin", Beginning::random, "--solver steps");
    choose(job.config, "lr", 0.01, "the new layer alone trains");
  }
  if (!c.hidden.empty() || c.pool == Pool::flatten)
    choose(job.config, "begin", Beginning::random, "only a linear layer on averaged features is solved");
  const bool live = std::ranges::any_of(plan.stages, &transfer::StagePlan::batch_norm_live);
  choose(job.config, "begin", live ? Beginning::zero : Beginning::solved, live ? "batch norm is live" : "batch norm is fixed");
  choose(job.config, "lr", live ? 0.01 : 0.001, live ? "batch norm is live" : "batch norm is fixed");
}

head::LinearHead zero_head(const Job& job) {
  const graph::Graph network = with_new_layer(job);
  const graph::Dims& shape = network.parameters[static_cast<std::size_t>(network.nodes.back().parameters[0])].shape;
  const auto classes = static_cast<std::size_t>(shape[0]), width = static_cast<std::size_t>(shape[1]);
  return {std::vector<float>(classes * width), std::vector<float>(classes), classes, width};
}

}  // namespace graft::fit
