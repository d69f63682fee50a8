#include "graft/fit/fit.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <numeric>

#include "graft/artifact/model.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/data/dataset.h"
#include "graft/engine/features.h"
#include "graft/fit/run_folder.h"
#include "graft/fit/verify.h"
#include "graft/graph/walks.h"
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

/// Samples with a row of features each.
struct Labelled {
  std::vector<data::Sample> samples;
  std::vector<int> labels;
  std::vector<float> features;

  head::Features view(std::size_t width) const { return {features, samples.size(), width}; }
};

/// Rows [first, first + samples.size()) of the table that could be read.
Labelled readable(const std::vector<data::Sample>& samples, const engine::FeatureTable& table, std::size_t first) {
  Labelled part;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::size_t row = first + i;
    if (std::ranges::binary_search(table.unreadable, row, {}, &data::Unreadable::index)) continue;
    part.samples.push_back(samples[i]);
    part.labels.push_back(samples[i].label);
    const auto from = table.values.begin() + static_cast<std::ptrdiff_t>(row * table.width);
    part.features.insert(part.features.end(), from, from + static_cast<std::ptrdiff_t>(table.width));
  }
  return part;
}

void check_classes(const fs::path& data, const std::vector<std::string>& classes, const Labelled& train, const Labelled& val) {
  std::vector<std::size_t> images(classes.size());
  for (const int label : train.labels) ++images[static_cast<std::size_t>(label)];
  for (std::size_t c = 0; c < classes.size(); ++c)
    if (images[c] == 0)
      throw data_error(printable(data.string()), fmt::format("class '{}' has no image that can be read", classes[c]),
                       "add images or remove the class");
  if (val.samples.empty()) throw data_error(printable(data.string()), "no validation image can be read", "mend them or give --val");
}

double accuracy(std::span<const float> logits, std::span<const int> labels) {
  const std::size_t classes = logits.size() / labels.size();
  std::size_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = logits.subspan(i * classes, classes);
    right += std::ranges::max_element(row) - row.begin() == labels[i] ? 1U : 0U;
  }
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

std::vector<float> logits_of(const head::LinearHead& head, const head::Features& features) {
  std::vector<float> out(features.rows * head.classes);
  head::logits(head, features, out);
  return out;
}

/// The backbone with its last stage replaced by the trained layer.
graph::Graph assemble(const graph::Graph& backbone, const head::LinearHead& head) {
  graph::Graph graph = graph::replace_head(backbone, static_cast<int64_t>(head.classes));
  const graph::Node& layer = graph.nodes.back();
  graph.parameters[static_cast<std::size_t>(layer.parameters[0])].tensor = graph::Tensor::copy_of(head.weight);
  graph.parameters[static_cast<std::size_t>(layer.parameters[1])].tensor = graph::Tensor::copy_of(head.bias);
  return graph;
}

head::L2Choice choose_strength(Configured<FitConfig>& config, const Labelled& train, std::size_t width, int classes, ThreadPool& pool) {
  if (config.values.l2) return {*config.values.l2, {}, 0};
  head::L2Choice choice = head::choose_l2(train.view(width), train.labels, classes, config.values.class_weights, config.values.seed, pool);
  choose(config, "l2", choice.l2,
         choice.folds > 0 ? fmt::format("{}-fold cross-validation on {} images", choice.folds, train.samples.size())
                          : "too few images a class for cross-validation");
  return choice;
}

}  // namespace

FitResult fit(Configured<FitConfig>& config, const Listener& listener) {
  FitConfig& c = config.values;
  if (!c.out) choose(config, "out", default_run_folder(c.data), "name and time");
  const models::Backbone& backbone = models::find(c.backbone);
  const data::Splits splits = data::open_splits(c.data, {.val_fraction = c.val_fraction, .seed = c.seed, .val = c.val.value_or("")});
  AtomicFolder folder(*c.out);  // before the work, so that a place that cannot be written is known at once
  for (const std::string& sentence : splits.notes) note(listener, sentence);
  note(listener, fmt::format("{} classes, {} training and {} validation images", splits.classes.size(), splits.train.size(), splits.val.size()));

  const data::Preprocess& preprocess = backbone.preprocess();
  const weights::Pretrained pretrained = weights::load_pretrained(backbone, preprocess.crop, c.weights.value_or(""));
  const engine::Extractor extractor = engine::make_extractor(pretrained.graph, preprocess);

  std::vector<fs::path> paths;
  for (const auto* part : {&splits.train, &splits.val})
    for (const data::Sample& sample : *part) paths.push_back(sample.path);
  const engine::FeatureTable table = engine::extract_features(
      extractor, paths, {c.precision, c.threads, static_cast<uint64_t>(c.cache_limit * kGiB), begin(listener, "features", paths.size())});
  if (!table.unreadable.empty()) {
    const Error all = data::unreadable_error(c.data, paths.size(), table.unreadable);
    if (!c.skip_unreadable) throw all;
    note(listener, all.subject() + ": " + all.fact() + "; skipped");
  }
  choose(config, "precision", table.precision.precision, table.precision.reason);
  const Labelled train = readable(splits.train, table, 0), val = readable(splits.val, table, splits.train.size());
  check_classes(c.data, splits.classes, train, val);

  ThreadPool pool(c.threads);
  const int classes = static_cast<int>(splits.classes.size());
  const head::L2Choice l2 = choose_strength(config, train, table.width, classes, pool);
  const head::LinearHead head =
      head::fit_logistic(train.view(table.width), train.labels, classes, {.l2 = l2.l2, .class_weights = c.class_weights}, pool);
  check_interrupted();

  const graph::Graph graph = assemble(pretrained.graph, head);
  RunFiles files{.graph = graph, .labels = splits.classes, .preprocess = preprocess, .precision = table.precision.precision, .val = val.samples};
  files.provenance = provenance(config, pretrained, splits, train.samples.size());
  write_model(folder.path(), files);
  const artifact::Predictions predictions = verify(folder.path() / "model.onnx", val.samples, logits_of(head, val.view(table.width)), c.threads,
                                                   begin(listener, "check", val.samples.size()));

  FitResult result{.run = *c.out,
                   .evaluation = eval::evaluate(predictions.probabilities, val.labels, splits.classes),
                   .train_accuracy = accuracy(logits_of(head, train.view(table.width)), train.labels),
                   .l2 = l2.l2,
                   .precision_reason = table.precision.reason,
                   .train_images = train.samples.size(),
                   .val_images = val.samples.size(),
                   .unreadable = table.unreadable.size(),
                   .cached = table.cached};
  write_records(folder.path(), config, files, l2, result, predictions);
  check_interrupted();
  folder.commit();
  return result;
}

}  // namespace graft::fit
