#include "graft/fit/run/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graft/artifact/trained_on.h"
#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/fit/head/solve.h"
#include "graft/fit/run/trained_network.h"
#include "graft/graph/walks.h"
#include "graft/trust/unseen_photos.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

/// Photos that the model has not seen, and what it says to them.
struct Evidence {
  trust::Basis on;
  Rows rows;  // without values
  std::vector<float> logits;
  std::vector<double> weights;
};

Rows labels_alone(std::span<const data::Sample> samples, const data::Task& task, std::size_t classes) {
  Rows rows{.labels = data::labels_of(samples),
            .weights = data::weights_of(samples),
            .task = task,
            .targets = data::targets_of(task, samples, classes)};
  if (!data::one_class_each(task)) std::ranges::fill(rows.labels, 0);
  for (const data::Sample& sample : samples) rows.groups.push_back(sample.group);
  return rows;
}

/// By cross-validation of the head on its training rows.
Evidence of_head(Job& job, const Probe& probe) {
  const FitConfig& c = job.config.values;
  const auto classes = static_cast<std::size_t>(job.classes());
  const bool known = !probe.held_out.held_out_logits.empty();
  const head::L2Choice choice = known ? probe.held_out : cross_validate(c, probe.train, job.classes(), job.pool);
  Evidence found{.on = trust::Basis::cross_validation, .rows = {.task = probe.train.task}};
  const std::vector<double> weights = weights_of(c, probe.train, job.classes());
  for (std::size_t i = 0; i < choice.held_out.size(); ++i) {
    if (std::isnan(choice.held_out[i])) continue;
    const std::size_t row = choice.rows.empty() ? i : choice.rows[i];
    const auto add = [&](const std::vector<float>& from, std::size_t at, std::vector<float>& to) {
      if (!from.empty())
        to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(at * classes), from.begin() + static_cast<std::ptrdiff_t>((at + 1) * classes));
    };
    add(choice.held_out_logits, i, found.logits);
    add(probe.train.targets, row, found.rows.targets);
    found.rows.labels.push_back(probe.train.labels[row]);
    if (!weights.empty()) found.weights.push_back(weights[row]);
    if (!probe.train.groups.empty()) found.rows.groups.push_back(probe.train.groups[row]);
  }
  return found;
}

Evidence of_validation(const Job& job, const Photos& photos, const Outcome& outcome) {
  Evidence found{trust::Basis::validation, labels_alone(photos.val, job.splits.task, job.splits.classes.size()), outcome.val_logits, {}};
  found.weights = weights_of(job.config.values, found.rows, job.classes());
  return found;
}

/// The uncalibrated network's answers for photos that are used only for this.
Evidence of_other_photos(const Job& job, const Start& start, const Photos& photos, const Outcome& outcome) {
  const FitConfig& c = job.config.values;
  const data::Dataset data = data::open_labelled(*c.calibrate_on, job.splits.classes, {.part = {}, .task = job.splits.task, .source = c.source});
  for (const std::string& sentence : data.notes) job.note(sentence);
  Answered said = TrainedNetwork(job, outcome, false).ask(data.samples, *c.calibrate_on, "calibration photos");
  std::vector<Hash128> trained_on(start.hashes.begin(), start.hashes.begin() + static_cast<std::ptrdiff_t>(photos.train.size()));
  std::ranges::sort(trained_on);
  trust::check_unseen_photos("--calibrate-on " + printable(c.calibrate_on->string()), data.samples, job.splits.classes,
                             artifact::trained_on_of(said.hashes, trained_on));
  Evidence found{trust::Basis::other_photos, std::move(said.rows), std::move(said.logits), {}};
  found.weights = weights_of(c, found.rows, job.classes());
  return found;
}

trust::HeldOut held_out(const Evidence& e, std::size_t classes) {
  return {.truth = e.rows.truth(), .logits = e.logits, .classes = classes, .weights = e.weights, .groups = e.rows.groups};
}

void divide(std::vector<float>& logits, double temperature) {
  for (float& logit : logits) logit = static_cast<float>(static_cast<double>(logit) / temperature);
}

/// Finds the temperature, and divides the evidence and the outcome by it.
std::optional<trust::Calibration> calibrate(const Job& job, Evidence& evidence, Outcome& outcome, nlohmann::ordered_json& history) {
  trust::Tempering found = trust::temper(held_out(evidence, job.splits.classes.size()));
  history["calibration"] = trust::to_json(found, evidence.on);
  if (found.temperature == 1) {
    job.note(trust::to_text(found, evidence.on));
    return std::nullopt;
  }
  if (!graph::divide_answer(outcome.network, found.temperature)) {
    history["calibration"]["temperature"] = 1;
    job.note("probabilities stay as they are: the network does not end in a linear layer that a temperature could be put into");
    return std::nullopt;
  }
  for (std::vector<float>* logits : {&outcome.val_logits, &evidence.logits}) divide(*logits, found.temperature);
  job.note(trust::to_text(found, evidence.on));
  return found.calibration(evidence.on);
}

}  // namespace

void check_trust(const Job& job) {
  const FitConfig& c = job.config.values;
  if (c.coverage) trust::check_coverage(*c.coverage);
  if (c.costs) trust::read_costs(*c.costs, job.splits.task, job.splits.classes);
  if (c.calibrate_on && c.calibrate == Calibrating::none && !c.coverage)
    throw usage_error("--calibrate-on " + printable(c.calibrate_on->string()), "is for --calibrate auto or --coverage", "omit it");
}

void divide(Outcome& outcome, double temperature) {
  graph::divide_answer(outcome.network, temperature);
  divide(outcome.val_logits, temperature);
}

FoundRules find_rules(Job& job, const Start& start, const Photos& photos, const Probe* head, Outcome& outcome) {
  const FitConfig& c = job.config.values;
  const std::size_t classes = job.splits.classes.size();
  FoundRules found;
  if (c.calibrate == Calibrating::automatic || c.coverage) {
    Evidence evidence = c.calibrate_on    ? of_other_photos(job, start, photos, outcome)
                        : head != nullptr ? of_head(job, *head)
                                          : of_validation(job, photos, outcome);
    if (c.calibrate == Calibrating::automatic) found.rules.calibration = calibrate(job, evidence, outcome, found.history);
    if (c.coverage) {
      std::vector<float> probabilities = evidence.logits;
      eval::to_probabilities(job.splits.task, probabilities, classes);
      found.rules.sets = trust::calibrate_sets(evidence.rows.truth(), probabilities, classes, *c.coverage, evidence.on);
      for (const std::string& sentence : trust::to_text(*found.rules.sets, job.splits.classes)) job.note(sentence);
      found.history["sets"] = trust::to_json(*found.rules.sets);
    }
  }
  if (c.costs) found.rules.costs = trust::read_costs(*c.costs, job.splits.task, job.splits.classes);
  return found;
}

}  // namespace graft::fit
