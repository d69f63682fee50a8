#include "graft/fit/fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graft/artifact/model.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/data/dataset.h"
#include "graft/engine/features.h"
#include "graft/fit/backbone.h"
#include "graft/fit/head_input.h"
#include "graft/fit/run_folder.h"
#include "graft/fit/verify.h"
#include "graft/weights/hub.h"
#include "graft/weights/locate.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

constexpr double kGiB = 1024.0 * 1024 * 1024;

void note(const Listener& listener, const std::string& sentence) {
  if (listener.note) listener.note(sentence);
}

std::function<void(std::size_t)> begin(const Listener& listener, const std::string& what, std::size_t total) {
  return listener.begin ? listener.begin(what, total) : nullptr;
}

/// A part of the photos: those of rows [first, first + samples) of the table that could be read.
struct Part {
  std::vector<data::Sample> samples;
  Rows rows;
};

Part readable(const std::vector<data::Sample>& samples, const engine::FeatureTable& table, std::size_t first) {
  Part part{.rows = {.width = table.width}};
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (std::ranges::binary_search(table.unreadable, first + i, {}, &data::Unreadable::index)) continue;
    part.samples.push_back(samples[i]);
    part.rows.labels.push_back(samples[i].label);
    const auto start = table.values.begin() + static_cast<std::ptrdiff_t>((first + i) * table.width);
    part.rows.values.insert(part.rows.values.end(), start, start + static_cast<std::ptrdiff_t>(table.width));
  }
  return part;
}

void check_classes(const fs::path& data, const std::vector<std::string>& classes, const Part& train, const Part& val) {
  std::vector<std::size_t> images(classes.size());
  for (const int label : train.rows.labels) ++images[static_cast<std::size_t>(label)];
  for (std::size_t c = 0; c < classes.size(); ++c)
    if (images[c] == 0)
      throw data_error(printable(data.string()), fmt::format("class '{}' has no image that can be read", classes[c]),
                       "add images or remove the class");
  if (val.samples.empty()) throw data_error(printable(data.string()), "no validation image can be read", "mend them or give --val");
}

/// Unreadable photos are an Error that names them all, or, with --skip-unreadable, a remark.
void report_unreadable(const FitConfig& config, const engine::FeatureTable& table, std::size_t images, const Listener& listener) {
  if (table.unreadable.empty()) return;
  const Error all = data::unreadable_error(config.data, images, table.unreadable);
  if (!config.skip_unreadable) throw all;
  note(listener, all.subject() + ": " + all.fact() + "; skipped");
}

/// 0.0948683 -> 0.095: the steps of the search are far wider, and a person can type it.
double two_digits(double x) { return std::stod(fmt::format("{:.2g}", x)); }

std::vector<float> logits_of(const head::LinearHead& head, const Rows& rows) {
  std::vector<float> out(rows.labels.size() * head.classes);
  head::logits(head, rows.features(), out);
  return out;
}

double training_accuracy(const head::LinearHead& head, const Rows& rows, const std::vector<std::string>& classes) {
  std::vector<float> probabilities = logits_of(head, rows);
  eval::softmax(probabilities, head.classes);
  return eval::evaluate(probabilities, rows.labels, classes).accuracy;
}

/// The backbone with its last stage replaced by the trained layer.
graph::Graph assemble(const graph::Graph& backbone, const head::LinearHead& head, const graph::HeadInput& input) {
  graph::Graph graph = graph::replace_head(backbone, static_cast<int64_t>(head.classes), input);
  const graph::Node& layer = graph.nodes.back();
  graph.parameters[static_cast<std::size_t>(layer.parameters[0])].tensor = graph::Tensor::copy_of(head.weight);
  graph.parameters[static_cast<std::size_t>(layer.parameters[1])].tensor = graph::Tensor::copy_of(head.bias);
  return graph;
}

/// The network for grey pictures, normalised by the mean of the three channels' constants.
graph::Graph to_grey(const graph::Graph& graph, data::Preprocess& preprocess) {
  const auto average = [](const std::array<float, 3>& x) { return (x[0] + x[1] + x[2]) / 3; };
  const float mean = average(preprocess.mean), deviation = average(preprocess.std);
  const std::array<float, 3> factors = {deviation / preprocess.std[0], deviation / preprocess.std[1], deviation / preprocess.std[2]};
  preprocess.mean = {mean, mean, mean};
  preprocess.std = {deviation, deviation, deviation};
  preprocess.grey = true;
  return graph::grey(graph, factors);
}

struct TrainedHead {
  head::LinearHead layer;
  graph::HeadInput input;
  HeadHistory history;
};

/// Decides what the layer sees and how strong its penalty is, each unless the user said so, and solves it. `rows` becomes what it sees.
TrainedHead train_head(Configured<FitConfig>& config, const engine::FeatureExtractor& extractor, Rows& rows, int classes, ThreadPool& pool) {
  const FitConfig& c = config.values;
  HeadHistory history{.inputs = compare_inputs(c, rows, extractor.width(), extractor.last_width(), classes, pool)};
  const graph::HeadInput input = history.inputs.back().input;
  if (history.inputs.size() > 1)
    choose(config, "features", input.every_stage ? FeatureSet::stages : FeatureSet::last,
           history.inputs[1].l2.folds > 0
               ? fmt::format("cross-validated log loss {:.4f}, the other's {:.4f}", history.inputs[1].log_loss, history.inputs[0].log_loss)
               : "too few images a class for cross-validation");
  rows = columns(rows, extractor.width(), extractor.last_width(), input);
  if (!c.l2) {
    const Candidate& taken = history.inputs.back();  // compared on all rows, its search is the one wanted here
    history.l2 = taken.rows == rows.labels.size() ? taken.l2 : head::choose_l2(rows.features(), rows.labels, classes, c.class_weights, c.seed, pool);
    history.l2.l2 = two_digits(history.l2.l2);
    choose(config, "l2", history.l2.l2,
           history.l2.folds > 0 ? fmt::format("{}-fold cross-validation on {} images", history.l2.folds, rows.labels.size())
                                : "too few images a class for cross-validation");
  }
  return {head::fit_logistic(rows.features(), rows.labels, classes, {.l2 = *c.l2, .class_weights = c.class_weights}, pool), input,
          std::move(history)};
}

}  // namespace

FitResult fit(Configured<FitConfig>& config, const Listener& listener) {
  FitConfig& c = config.values;
  if (!c.out) choose(config, "out", default_run_folder(c.data), "name and time");
  check_backbone(c);
  const data::Splits splits = data::open_splits(c.data, {.val_fraction = c.val_fraction, .seed = c.seed, .val = c.val.value_or("")});
  AtomicFolder folder(*c.out);  // before the work, so that a place that cannot be written is known at once
  for (const std::string& sentence : splits.notes) note(listener, sentence);
  note(listener, fmt::format("{} classes, {} training and {} validation images", splits.classes.size(), splits.train.size(), splits.val.size()));

  auto [pretrained, preprocess] = open_backbone(config, listener);
  if (c.grey) pretrained.graph = to_grey(pretrained.graph, preprocess);
  engine::FeatureExtractor extractor(pretrained.graph, preprocess, {c.precision, c.threads, static_cast<uint64_t>(c.cache_limit * kGiB)});
  std::vector<fs::path> paths;
  for (const auto* part : {&splits.train, &splits.val})
    for (const data::Sample& sample : *part) paths.push_back(sample.path);
  engine::FeatureTable table = extractor.extract(paths, c.views == Views::mirror, begin(listener, "features", paths.size()));
  extractor.release();
  report_unreadable(c, table, paths.size(), listener);
  choose(config, "precision", extractor.precision().precision, extractor.precision().reason);
  Part train = readable(splits.train, table, 0), val = readable(splits.val, table, splits.train.size());
  table.values = {};
  check_classes(c.data, splits.classes, train, val);

  ThreadPool pool(c.threads);
  const TrainedHead head = train_head(config, extractor, train.rows, static_cast<int>(splits.classes.size()), pool);
  val.rows = columns(val.rows, extractor.width(), extractor.last_width(), head.input);
  check_interrupted();

  const graph::Graph graph = assemble(pretrained.graph, head.layer, head.input);
  RunFiles files{.graph = graph, .labels = splits.classes, .preprocess = preprocess, .precision = c.precision, .val = val.samples};
  files.provenance = provenance(config, pretrained, splits, train.samples.size());
  write_model(folder.path(), files);
  const artifact::Predictions predictions =
      verify(folder.path() / "model.onnx", val.samples, logits_of(head.layer, val.rows), c.threads, begin(listener, "check", val.samples.size()));

  const FitResult result{.run = *c.out,
                         .evaluation = eval::evaluate(predictions.probabilities, val.rows.labels, splits.classes),
                         .train_accuracy = training_accuracy(head.layer, train.rows, splits.classes),
                         .train_images = train.samples.size(),
                         .val_images = val.samples.size(),
                         .unreadable = table.unreadable.size(),
                         .cached = table.cached};
  write_records(folder.path(), config, files, head.history, result, predictions);
  check_interrupted();
  folder.commit();
  return result;
}

}  // namespace graft::fit
