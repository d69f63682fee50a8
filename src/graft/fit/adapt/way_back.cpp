#include "graft/fit/adapt/way_back.h"

#include <algorithm>

#include "graft/base/error.h"
#include "graft/fit/head/solve.h"
#include "graft/fit/more/material.h"
#include "graft/graph/bottleneck.h"
#include "graft/graph/walks.h"
#include "graft/head/logistic.h"
#include "graft/head/recolour.h"
#include "graft/train/library.h"
#include "graft/transfer/initialise.h"

namespace graft::fit {
namespace {

constexpr std::size_t kUpdatesBack = 2000;
constexpr int kFewestEpochsBack = 10, kMostEpochsBack = 100;
constexpr double kSmoothingBack = 0.1;  // of the labels that SHOT begins with (Liang et al. 2020)

/// They outlive what reads them.
train::Fill filled_by(const Rows& rows) {
  return [&rows](uint64_t, std::span<const std::size_t> which, std::span<float> out) {
    for (std::size_t i = 0; i < which.size(); ++i)
      std::copy_n(rows.values.begin() + static_cast<std::ptrdiff_t>(which[i] % rows.labels.size() * rows.width), rows.width,
                  out.begin() + static_cast<std::ptrdiff_t>(i * rows.width));
  };
}

train::TrainConfig options_back(const FitConfig& config, std::size_t rows) {
  train::TrainConfig options = options_here(config);
  options.batch = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(options.batch), rows));
  options.epochs = std::clamp(static_cast<int>(kUpdatesBack * static_cast<std::size_t>(options.batch) / rows), kFewestEpochsBack, kMostEpochsBack);
  options.imbalance = train::Imbalance::none;
  options.adapt = train::Adaptation::none;
  options.keep = train::Keep::last;
  options.stop_metric = "val-loss";  // there is nothing to choose an epoch by
  options.patience = options.soup = 0;
  options.storage = train::Storage::float32;
  return options;
}

/// Answers to `asked` of what was trained on labelled rows and adapted to others.
std::vector<int> trained_answers(const Job& job, train::Adaptation method, const Rows& labelled, const Rows& unlabelled, const Rows& asked) {
  const FitConfig& c = job.config.values;
  const train::Library& library = train::library();
  graph::Graph whole = graph::with_bottleneck(job.pretrained.graph, job.classes());
  transfer::initialise_head(whole, c.seed);
  transfer::Strategy strategy = c.plan;
  strategy.kind = transfer::Kind::head;
  const transfer::Plan plan = transfer::plan(whole, strategy);
  const graph::Graph above = graph::split(whole, graph::kBottleneck).second;
  const train::Hooks hooks{.stop = [] { return interrupted(); }};
  const train::Samples taught{.labels = labelled.labels, .fill = filled_by(labelled)};
  train::TrainConfig options = options_back(c, labelled.labels.size());
  train::Streams streams{taught, taught};
  if (method == train::Adaptation::shot) {
    options.label_smoothing = kSmoothingBack;
  } else {
    options.adapt = method;
    streams.unlabelled = {{unlabelled.labels.size(), filled_by(unlabelled)}};
  }
  train::TrainResult result = library.train(above, plan, options, streams, hooks);
  if (method == train::Adaptation::shot) {
    options = options_back(c, unlabelled.labels.size());
    options.label_smoothing = 0;
    options.adapt = method;
    const train::Samples followed{.labels = unlabelled.labels, .fill = filled_by(unlabelled)};
    const train::Streams onto{followed, taught};
    result = library.train(result.graph, transfer::with_frozen_head(plan), options, onto, hooks);
  }
  const train::Samples questions{.labels = asked.labels, .fill = filled_by(asked)};
  return answers_of(library.predict(result.graph, options, questions), static_cast<std::size_t>(job.classes()));
}

/// Of a head on rows of which some classes may have none.
std::vector<int> solved_answers(Job& job, const Rows& labelled, const Rows& asked) {
  std::vector<int> given = labelled.labels, numbers(job.splits.classes.size(), -1), classes;
  for (int& label : given) {
    int& number = numbers[static_cast<std::size_t>(label)];
    if (number < 0) {
      number = static_cast<int>(classes.size());
      classes.push_back(label);
    }
    label = number;
  }
  if (classes.size() == 1) return std::vector<int>(asked.labels.size(), classes.front());
  const head::LinearHead head = head::fit_logistic(labelled.features(), given, static_cast<int>(classes.size()),
                                                   {.l2 = job.config.values.l2.value_or(head::kDefaultL2)}, job.pool);
  std::vector<int> said = answers_of(logits_of(head, asked), classes.size());
  for (int& answer : said) answer = classes[static_cast<std::size_t>(answer)];
  return said;
}

}  // namespace

std::vector<bool> right_of(std::span<const int> answers, std::span<const int> labels) {
  std::vector<bool> right;
  for (std::size_t i = 0; i < answers.size(); ++i) right.push_back(answers[i] == labels[i]);
  return right;
}

std::vector<bool> right_on_the_way_back(Job& job, const AdaptCandidate& candidate) {
  const Domains& seen = *candidate.seen;
  Rows labelled = seen.target;
  labelled.labels = answers_of(candidate.target_logits, job.splits.classes.size());
  if (candidate.training) return right_of(trained_answers(job, *candidate.training, labelled, seen.source, seen.val), seen.val.labels);
  if (candidate.aligned) labelled.values = head::recoloured(seen.target.features(), seen.source.features(), job.pool);
  return right_of(solved_answers(job, labelled, seen.val), seen.val.labels);
}

}  // namespace graft::fit
