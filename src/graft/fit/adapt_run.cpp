#include "graft/fit/adapt_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/artifact/chain.h"
#include "graft/artifact/trained_on.h"
#include "graft/base/config_paths.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/text.h"
#include "graft/data/look.h"
#include "graft/fit/adapt/adapt.h"
#include "graft/fit/adapt/judge.h"
#include "graft/fit/adapt/statistics.h"
#include "graft/fit/job/leaked.h"
#include "graft/fit/job/survey.h"
#include "graft/fit/job/target.h"
#include "graft/fit/more/beginning.h"
#include "graft/fit/more/fine_tune.h"
#include "graft/fit/more/new_layer.h"
#include "graft/fit/run/run_folder.h"
#include "graft/fit/run/trained_network.h"
#include "graft/fit/run/training_log.h"
#include "graft/fit/run/unfinished.h"
#include "graft/fit/run/verify.h"
#include "graft/fit/source/backbone.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

struct Model {
  std::string name;
  Outcome outcome;  // its answers to the target and its test
  std::vector<float> probabilities = {};
};

Model answering(const Job& job, std::string name, graph::Graph network) {
  Model model{std::move(name), {.network = std::move(network)}};
  const TrainedNetwork asked(job, model.outcome, false);
  model.outcome.target_logits = asked.ask(job.target, *job.config.values.adapt.target, "target photos").logits;
  if (!job.target_test.empty())
    model.outcome.test_logits = asked.ask(job.target_test, *job.config.values.adapt.target_test, "test photos of the target").logits;
  return model;
}

bool has_batch_norm(const graph::Graph& graph) {
  return std::ranges::any_of(graph.nodes, [](const graph::Node& node) { return std::holds_alternative<graph::BatchNorm>(node.op); });
}

/// None first.
std::vector<Model> models(Job& job, Start& start, std::optional<RemoveUnlessCheckpointed>& guard) {
  const AdaptOptions& options = job.config.values.adapt;
  const bool automatic = options.method == AdaptMethod::automatic;
  std::vector<Model> list;
  list.push_back(answering(job, "none", job.pretrained.graph));
  if (options.method == AdaptMethod::adabn || (automatic && !options.untrained && has_batch_norm(job.pretrained.graph)))
    list.push_back(answering(job, "adabn", with_statistics_of(job, job.pretrained.graph, job.target, "statistics of the target")));
  if (options.trains()) list.push_back({"shot", train_more(job, {}, {}, start, guard, nullptr)});
  return list;
}

std::vector<MethodFacts> judged(const Job& job, std::vector<Model>& list) {
  const std::size_t classes = job.splits.classes.size();
  const std::vector<int> labels = data::labels_of(job.target_test);
  std::vector<MethodFacts> facts;
  for (Model& model : list) {
    model.probabilities = model.outcome.target_logits;
    eval::to_probabilities(job.splits.task, model.probabilities, classes);
    MethodFacts& m = facts.emplace_back(facts_of_answers(model.name, model.probabilities, classes));
    if (facts.size() > 1) m.information_gain = gain_in_information(model.probabilities, list.front().probabilities, classes, job.config.values.seed);
    if (!labels.empty()) m.by_labels = part_right(model.outcome.test_logits, labels, classes);
  }
  return facts;
}

nlohmann::ordered_json provenance_of_run(const Job& job, const artifact::ModelCard& before, const Adaptation& adaptation) {
  nlohmann::ordered_json json = provenance(job.config, job.pretrained, job.splits, 0);
  json["data"] = before.provenance.is_object() ? before.provenance.value("data", nlohmann::ordered_json()) : nlohmann::ordered_json();
  json["from"] = artifact::link_to(*job.config.values.from, {});
  json["adaptation"] = provenance_of(job, adaptation);
  return json;
}

}  // namespace

void open_run(Job& job) {
  const FitConfig& c = job.config.values;
  const artifact::ModelCard card = artifact::load_card(*c.from);
  const std::string name = printable(c.from->string());
  job.splits.classes = card.labels;
  job.splits.task = card.task;
  open_target(job);
  OpenedBackbone opened = open_backbone(job);
  job.pretrained = std::move(opened.pretrained);
  job.preprocess = opened.preprocess;
  for (const std::string& sentence : data::choose_pixels(data::paths_of(job.target), c.background, c.depth, job.preprocess, job.pool))
    job.note(sentence);
  choose(job.config, "background", job.preprocess.background, "as the earlier run has it");
  if (job.pretrained.graph.output_dims() != graph::Dims{job.classes()})
    throw data_error(name, "does not end in a layer that graft could keep", "adapt it from its photos: give --source, too");
  if (c.adapt.method == AdaptMethod::adabn && !has_batch_norm(job.pretrained.graph))
    throw usage_error("--method adabn", "is for networks with batch norm, and " + name + " has none", "choose --method shot");
  if (c.adapt.trains()) transfer::with_frozen_head(plan_of(job.config, with_new_layer(job)));
  check_not_learned(job, artifact::with_earlier({}, c.from));
}

void adapt_run(Job& job, std::optional<RemoveUnlessCheckpointed>& guard, std::optional<AtomicFolder>& folder, FitResult& result) {
  FitConfig& c = job.config.values;
  Start start;
  if (is_decided(c)) start = read_start(*c.out);
  keep_readable_target(job);
  if (c.adapt.trains()) {
    folder.reset();
    if (!is_decided(c)) choose_recipe(job);
  }
  std::vector<Model> list = models(job, start, guard);
  Adaptation found{.source_photos = 0, .target_photos = job.target.size(), .test_photos = job.target_test.size(), .methods = judged(job, list)};
  Choice choice{list.size() - 1, "you asked for it"};
  if (c.adapt.method == AdaptMethod::automatic) choice = choose_method(found.methods);
  found.chosen = choice.method;
  found.reason = choice.reason;
  found.classes = job.splits.classes;
  found.test_in_target = job.test_in_target;
  Outcome& taken = list[choice.method].outcome;
  if (c.adapt.trains()) found.epochs = epochs_of(list.back().outcome.history, list.back().outcome.kept_epoch);
  result.epochs = taken.epochs;
  result.kept_epoch = taken.kept_epoch;
  result.times = std::move(taken.times);

  if (!folder) folder.emplace(*c.out, AtomicFolder::Over::what_is_there);
  const fs::path& there = folder->path();
  const artifact::ModelCard before = artifact::load_card(*c.from);
  RunFiles files{.graph = taken.network,
                 .card = {.labels = job.splits.classes,
                          .preprocess = job.preprocess,
                          .precision = c.precision,
                          .provenance = provenance_of_run(job, before, found),
                          .task = job.splits.task},
                 .val = job.target_test,
                 .train = job.target};
  write_model(there, files);
  verify(there / "model.onnx", job.target, taken.target_logits, c.precision, c.threads, job.begin("check", job.target.size()));
  if (!job.target_test.empty()) {
    found.test = measure_on_target(job, files.card, there, taken.test_logits, "predictions.csv");
    result.evaluation = *found.test;
    write_json(there / "eval.json", evaluation_json(result.evaluation, std::nullopt), Sync::later);
  }
  write_file(there / artifact::kTrainedOn, artifact::trained_on_npy(artifact::with_earlier(hashes_of(job.target, job.pool), c.from)), Sync::later);
  result.adaptation = std::move(found);
  c.resume.reset();
  c.accept_changes = false;
  for (const char* option : {"resume", "accept-changes"}) job.config.origins.erase(option);
  write_file(there / "config.toml", toml_text(written_in(*c.out, job.config)), Sync::later);
  nlohmann::ordered_json history = history_of(start.phases);
  history["adaptation"] = to_json(*result.adaptation);
  write_json(there / "history.json", history, Sync::later);
  if (c.adapt.trains()) write_file(there / "history.csv", history_csv(start.phases.back()["epochs"]), Sync::later);
}

}  // namespace graft::fit
