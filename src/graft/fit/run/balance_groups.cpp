#include "graft/fit/run/balance_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/fit/head/solve.h"
#include "graft/fit/job/survey.h"
#include "graft/fit/run/trained_network.h"
#include "graft/graph/walks.h"

namespace graft::fit {
namespace {

std::vector<float> probabilities_of(const Job& job, std::vector<float> logits) {
  eval::to_probabilities(job.splits.task, logits, job.splits.classes.size());
  return logits;
}

/// What each group counts, and which have few photos.
void say_groups(const Job& job, const data::Attribute& group, std::size_t possible) {
  std::vector<long> photos(group.values.size());
  for (const int g : group.of) ++photos[static_cast<std::size_t>(g)];
  const long fewest = job.config.values.by_group.group_size;
  std::vector<std::string> few;
  for (std::size_t g = 0; g < photos.size(); ++g)
    if (photos[g] < fewest) few.push_back(fmt::format("{} ({})", printable(group.values[g]), photos[g]));
  job.note(fmt::format("the last layer is solved with the same weight for each of {} groups of {}", photos.size(), printable(group.name)));
  if (!few.empty())
    job.note(fmt::format("{} with fewer than {} training photos, each of which therefore counts heavily: {}", few.size() == 1 ? "one" : "some",
                         fewest, first_few(few, 6)));
  if (photos.size() < possible)
    job.note(fmt::format("{} of the {} groups have no training photo: nothing is learned about them", possible - photos.size(), possible));
}

void set_origin(Job& job, const char* option) { job.config.origins.insert_or_assign(option, Origin{Source::chosen, "--balance-groups dfr"}); }

/// The head and the weights by which it, or in float32 its like, is solved.
void balance_head(Job& job, const Start& start, Photos& photos, std::span<const double> weights, Probe& probe, Outcome& outcome) {
  FitConfig& c = job.config.values;
  probe.train.weights.assign(weights.begin(), weights.end());
  for (std::size_t i = 0, row = 0; i < job.splits.train.size(); ++i)
    if (!std::ranges::binary_search(start.unreadable, i)) job.splits.train[i].weight = weights[row++];
  for (std::size_t i = 0; i < weights.size(); ++i) photos.train[i].weight = weights[i];
  c.training.imbalance = train::Imbalance::none;
  set_origin(job, "imbalance");
  probe.held_out = {};
  if (!origin_of(job.config.origins, "l2").given()) {
    probe.held_out = choose_l2(c, probe.train, job.classes(), job.pool);
    c.l2 = probe.held_out.l2;
    set_origin(job, "l2");
  }
  probe.head = solve(job, probe.train);
  outcome = head_only(job, probe);
}

LastLayerRows balance_trained(Job& job, const Photos& photos, std::span<const double> weights, Outcome& outcome) {
  FitConfig c = job.config.values;
  const graph::Node* last = graph::last_linear(outcome.network);
  if (last == nullptr) throw data_error("--balance-groups dfr", "solves the last layer, but this network does not end in a linear one", "omit it");
  const TrainedNetwork network(job, outcome, true);
  LastLayerRows seen{network.ask(photos.train, c.data, "features").rows, network.ask(photos.val, c.data, "features").rows};
  seen.train.weights.assign(weights.begin(), weights.end());
  c.training.imbalance = train::Imbalance::none;
  c.l2 = choose_l2(c, seen.train, job.classes(), job.pool).l2;
  const head::LinearHead head = solve(c, seen.train, job.classes(), job.pool);
  outcome.network.parameters[static_cast<std::size_t>(last->parameters[0])].tensor = graph::Tensor::copy_of(head.weight);
  outcome.network.parameters[static_cast<std::size_t>(last->parameters[1])].tensor = graph::Tensor::copy_of(head.bias);
  outcome.val_logits = logits_of(head, seen.val);
  outcome.train_accuracy = accuracy_of(head, seen.train, job.splits.classes);
  return seen;
}

}  // namespace

nlohmann::ordered_json to_json(const BalancedGroups& balanced) {
  const eval::Interval interval = eval::wilson(balanced.accuracy_before);
  return {{"method", "dfr"},
          {"before",
           {{"accuracy", balanced.accuracy_before.value()},
            {"accuracy_interval", {interval.low, interval.high}},
            {"groups", eval::to_json(balanced.before)}}}};
}

eval::ByGroup by_group(const Job& job, const Photos& photos, const PhotoGroups& groups, std::span<const float> probabilities) {
  const std::vector<int> labels = data::labels_of(photos.val);
  const std::vector<float> targets = data::targets_of(job.splits.task, photos.val, job.splits.classes.size());
  return eval::by_group({job.splits.task, photos.val.size(), labels, targets}, probabilities, job.splits.classes, groups.val,
                        job.config.values.by_group.group_size);
}

BalancedGroups balance_groups(Job& job, const Start& start, Photos& photos, const PhotoGroups& groups, Probe* head, Outcome& outcome,
                              std::optional<LastLayerRows>& seen) {
  const std::vector<float> probabilities = probabilities_of(job, outcome.val_logits);
  const std::vector<int> labels = data::labels_of(photos.train), val_labels = data::labels_of(photos.val);
  const eval::Evaluation before = eval::evaluate(probabilities, val_labels, job.splits.classes);
  BalancedGroups balanced{by_group(job, photos, groups, probabilities), {static_cast<double>(before.right), static_cast<double>(before.count)}};
  const data::Attribute group = with_classes(groups.train, labels, job.splits.classes);
  std::size_t possible = job.splits.classes.size();
  for (const data::Attribute& attribute : groups.train) possible *= attribute.values.size();
  say_groups(job, group, possible);
  const std::vector<double> weights = balancing_weights(group, data::weights_of(photos.train));
  if (head != nullptr) balance_head(job, start, photos, weights, *head, outcome);
  else seen = balance_trained(job, photos, weights, outcome);
  return balanced;
}

}  // namespace graft::fit
