#include "graft/fit/head/probe.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/base/units.h"
#include "graft/engine/features.h"
#include "graft/fit/head/head_history.h"
#include "graft/fit/head/solve.h"
#include "graft/fit/job/survey.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

/// 0.0948683 -> 0.095: the steps of the search are far wider, and a person can type it.
double two_digits(double x) { return std::stod(fmt::format("{:.2g}", x)); }

/// Decides what the layer sees and how strong its penalty is, each unless the user said so, and solves it. The rows become what it sees.
HeadHistory train_head(Job& job, Probe& probe, std::size_t width) {
  Configured<FitConfig>& config = job.config;
  const FitConfig& c = config.values;
  HeadHistory history{.inputs = compare_inputs(c, probe.train, width, probe.last_width, job.classes(), job.pool)};
  const Candidate& taken = history.inputs.back();
  probe.input = taken.input;
  const bool every_stage = probe.input.every_stage, mirror = probe.input.mirror;
  // Why the one was taken: its log loss, and that of the candidate which differs from it (or, where there is none, of the pair that differs) in this.
  const auto explain = [&](bool graph::HeadInput::*what) -> std::string {
    if (taken.l2.folds == 0) return "too few photos per class for cross-validation";
    for (const Candidate& with : history.inputs)
      for (const Candidate& without : history.inputs) {
        graph::HeadInput other = with.input;
        other.*what = !(other.*what);
        if (with.input.*what == taken.input.*what && without.input == other)
          return fmt::format("cross-validated log loss {:.4f}, the other's {:.4f}", with.log_loss, without.log_loss);
      }
    return "not compared";
  };
  if (!c.mirror && probe.train.width == 2 * width) choose(config, "mirror", mirror, explain(&graph::HeadInput::mirror));
  if (history.inputs.size() > 1 && !c.features)
    choose(config, "features", every_stage ? FeatureSet::stages : FeatureSet::last, explain(&graph::HeadInput::every_stage));
  probe.train = columns(probe.train, width, probe.last_width, probe.input);
  if (!c.l2) {
    history.l2 = taken.rows == probe.train.labels.size() ? taken.l2  // compared on all rows, its search is the one wanted here
                                                         : choose_l2(c, probe.train, job.classes(), job.pool);
    history.l2.l2 = two_digits(history.l2.l2);
    choose(config, "l2", history.l2.l2,
           history.l2.folds > 0 ? fmt::format("{}-fold cross-validation on {} photos", history.l2.folds, probe.train.labels.size())
                                : "too few photos per class for cross-validation");
    probe.held_out = history.l2;
  }
  probe.head = solve(job, probe.train);
  return history;
}

}  // namespace

engine::ExtractOptions extract_options(const FitConfig& c) { return {c.precision, c.threads, static_cast<uint64_t>(c.cache_limit * kGiB)}; }

bool looks_in_the_mirror(const FitConfig& c) { return c.mirror.value_or(!c.strategy); }

head::LinearHead solve(Job& job, const Rows& rows) { return solve(job.config.values, rows, job.classes(), job.pool); }

std::vector<float> logits_of(const head::LinearHead& head, const Rows& rows) {
  std::vector<float> out(rows.labels.size() * head.classes);
  head::logits(head, rows.features(), out);
  return out;
}

graph::Graph assemble(const graph::Graph& backbone, const head::LinearHead& head, const graph::HeadInput& input) {
  graph::Graph graph = graph::replace_head(backbone, static_cast<int64_t>(head.classes), input);
  const graph::Node& layer = graph.nodes[graph.output()];
  graph.parameters[static_cast<std::size_t>(layer.parameters[0])].tensor = graph::Tensor::copy_of(head.weight);
  graph.parameters[static_cast<std::size_t>(layer.parameters[1])].tensor = graph::Tensor::copy_of(head.bias);
  return graph;
}

Rows features_of(Job& job, engine::FeatureExtractor& extractor, const graph::HeadInput& input, std::vector<data::Sample>& samples,
                 const fs::path& folder, const char* what) {
  if (samples.empty()) return {};
  const engine::FeatureTable table = extractor.extract(data::paths_of(samples), input.mirror, job.begin(what, samples.size()));
  std::vector<std::size_t> unreadable;
  for (const data::Unreadable& u : table.unreadable) unreadable.push_back(u.index);
  const Rows rows = rows_of(table, 0, samples, unreadable, job.splits.task, job.splits.classes.size());
  keep_readable(job, folder, samples, table.unreadable);
  return columns(rows, extractor.width(), extractor.last_width(), input);
}

Probe probe(Job& job, Start& start) {
  const FitConfig& c = job.config.values;
  engine::FeatureExtractor extractor(job.pretrained.graph, job.preprocess, extract_options(c));
  const std::vector<fs::path> paths = paths_of(job.splits);
  engine::FeatureTable table = extractor.extract(paths, looks_in_the_mirror(c), job.begin("features", paths.size()));
  extractor.release();
  leave_out(job, table.unreadable, table.hashes, start);
  choose(job.config, "precision", extractor.precision().precision, extractor.precision().reason);
  start.cached = table.cached;

  Probe probe{.last_width = extractor.last_width()};
  const std::size_t classes = job.splits.classes.size();
  probe.train = rows_of(table, 0, job.splits.train, start.unreadable, job.splits.task, classes);
  probe.val = rows_of(table, job.splits.train.size(), job.splits.val, start.unreadable, job.splits.task, classes);
  table.values = {};
  const HeadHistory history = train_head(job, probe, extractor.width());
  probe.val = columns(probe.val, extractor.width(), extractor.last_width(), probe.input);
  for (const head::L2Score& score : history.best().path)
    if (probe.folds == 0 || score.log_loss < probe.cv_log_loss) {
      probe.folds = history.best().folds;
      probe.cv_accuracy = score.accuracy;
      probe.cv_log_loss = score.log_loss;
    }
  start.phases.push_back(
      phase_of(history, *c.l2, accuracy_of(probe.head, probe.train, job.splits.classes), accuracy_of(probe.head, probe.val, job.splits.classes)));
  check_interrupted();
  return probe;
}

head::LinearHead last_features_head(Job& job, const Probe& probe) {
  if (!probe.input.every_stage && !probe.input.mirror) return probe.head;
  return solve(job, columns(probe.train, probe.train.width, probe.last_width, {}));
}

Outcome head_in_float32(Job& job, const graph::HeadInput& input, const Start& start) {
  const FitConfig& c = job.config.values;
  engine::ExtractOptions options = extract_options(c);
  options.precision = engine::Precision::float32;
  engine::FeatureExtractor extractor(job.pretrained.graph, job.preprocess, options);
  const std::vector<fs::path> paths = paths_of(job.splits);
  const engine::FeatureTable table = extractor.extract(paths, input.mirror, job.begin("features in float32", paths.size()));
  const std::size_t classes = job.splits.classes.size();
  const Rows train = rows_of(table, 0, job.splits.train, start.unreadable, job.splits.task, classes);
  const Rows val = rows_of(table, job.splits.train.size(), job.splits.val, start.unreadable, job.splits.task, classes);
  const auto seen = [&](const Rows& rows) { return columns(rows, extractor.width(), extractor.last_width(), input); };
  Probe probe{.train = seen(train), .val = seen(val), .input = input, .last_width = extractor.last_width()};
  probe.head = solve(job, probe.train);
  return head_only(job, probe);
}

Outcome head_only(const Job& job, const Probe& probe) {
  return {assemble(job.pretrained.graph, probe.head, probe.input), logits_of(probe.head, probe.val),
          accuracy_of(probe.head, probe.train, job.splits.classes)};
}

}  // namespace graft::fit
