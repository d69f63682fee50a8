#include "graft/study/meta_learning.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "graft/artifact/model.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/engine/features.h"
#include "graft/fit/more/fine_tune.h"
#include "graft/graph/walks.h"
#include "graft/models/few_shot.h"
#include "graft/onnx/write.h"
#include "graft/search/network.h"
#include "graft/shots/photos.h"
#include "graft/study/meta_tasks.h"
#include "graft/study/take_up.h"
#include "graft/train/library.h"
#include "graft/transfer/initialise.h"

namespace graft::study {
namespace fs = std::filesystem;
namespace {

graph::Graph network_of(const MetaLearningConfig& c, int64_t outputs) {
  const auto build = c.network == MetaNetwork::conv4 ? models::conv4 : models::resnet12;
  graph::Graph graph = build(outputs, c.size, c.width);
  transfer::initialise(graph, c.seed);
  return graph;
}

/// Photos of a list, for what numbers them from 0.
train::Fill only(train::Fill fill, std::vector<std::size_t> photos) {
  return [fill = std::move(fill), photos = std::move(photos)](uint64_t epoch, std::span<const std::size_t> which, std::span<float> out) {
    std::vector<std::size_t> these;
    for (const std::size_t i : which) these.push_back(photos[i % photos.size()]);
    fill(epoch, these, out);
  };
}

train::Hooks hooks_for(const std::map<std::string, std::string>& identity, const fs::path& checkpoint) {
  train::Hooks hooks;
  hooks.stop = [] { return interrupted(); };
  hooks.checkpoint = checkpoint;
  hooks.identity = identity;
  return hooks;
}

std::map<std::string, std::string> identity_of(const MetaLearningConfig& c, const Table& table) {
  train::TrainConfig machine;
  machine.threads = c.threads;
  std::map<std::string, std::string> identity = train::library().machine(machine);
  identity["photos"] = fmt::format("{} ({})", table.paths.size(), hash128(std::as_bytes(std::span(table.hashes))).hex().substr(0, 8));
  return identity;
}

/// The network of meta-transfer learning as it begins: trained to tell the training classes apart.
graph::Graph pretrained(const MetaLearningConfig& c, const Table& table, const Dealt& dealt, const std::map<std::string, std::string>& identity,
                        const fs::path& checkpoint, const fit::Listener& listener) {
  graph::Graph graph = network_of(c, static_cast<int64_t>(dealt.train.size()));
  const std::vector<std::size_t> photos = photos_in(dealt.train);
  train::Samples samples{.labels = {}, .fill = only(table.fill(), photos)};
  for (const std::size_t photo : photos) samples.labels.push_back(dealt.labels[photo]);
  train::TrainConfig options{.epochs = c.pretrain_epochs,
                             .batch = static_cast<int>(std::min<std::size_t>(64, photos.size())),
                             .optimiser = train::OptimiserKind::adamw,
                             .lr = 0.001};
  options.seed = c.seed;
  options.threads = c.threads;
  options.checkpoint_minutes = c.checkpoint_minutes;
  train::Hooks hooks = hooks_for(identity, checkpoint);
  hooks.observe = [&](const train::EpochRecord& e) {
    if (listener.note)
      listener.note(
          fmt::format("pretraining, epoch {:>2}/{}: loss {:.4f}, accuracy {:.3f}", e.epoch + 1, c.pretrain_epochs, e.train_loss, e.train_accuracy));
  };
  graph = train::library().train(graph, transfer::plan(graph, {.kind = transfer::Kind::full, .weight_decay = 1e-4}), options, {samples}, hooks).graph;
  graph = graph::replace_head(graph, c.ways);
  transfer::initialise_head(graph, c.seed);
  return graph;
}

train::MetaResult trained(const MetaLearningConfig& c, const Table& table, const Dealt& dealt, const fs::path& folder,
                          const fit::Listener& listener) {
  const std::map<std::string, std::string> identity = identity_of(c, table);
  graph::Graph graph =
      c.method == train::MetaMethod::meta_transfer ? pretrained(c, table, dealt, identity, folder / "pretraining", listener) : network_of(c, c.ways);
  if (c.method == train::MetaMethod::protonet) graph = graph::features(graph);
  train::Hooks hooks = hooks_for(identity, folder / "state");
  std::function<void(std::size_t)> advance;
  int check = -1;
  hooks.progress = [&](int now, std::size_t, std::size_t updates) {
    if (now != check && listener.watch)
      advance = listener.watch(fmt::format("updates to {}", now * c.check_every + static_cast<int>(updates)), updates);
    check = now;
    if (advance) advance(1);
  };
  hooks.observe = [&](const train::EpochRecord& e) {
    if (!listener.note) return;
    const std::string loss = c.method == train::MetaMethod::reptile ? "" : fmt::format("loss {:.4f}, ", e.train_loss);
    listener.note(fmt::format("update {}/{}: {}accuracy {:.3f} on tasks of the training classes{}",
                              std::min(c.iterations, (e.epoch + 1) * c.check_every), c.iterations, loss, e.train_accuracy,
                              dealt.val.empty() ? "" : fmt::format(", {:.3f} on tasks of the validation classes", e.val_accuracy)));
  };
  return train::library().meta_train(graph, c, {table.fill(), dealt.train, dealt.val}, hooks);
}

void add_rules(const MetaLearningConfig& c, const std::string& network, engine::FeatureExtractor& extractor, const Table& table,
               const TestTasks& tasks, const fit::Listener& listener, std::vector<MetaRow>& rows) {
  std::vector<fs::path> paths;
  for (const std::size_t photo : tasks.photos) paths.push_back(table.paths[photo]);
  const shots::Seen seen = shots::see(extractor, paths, c.data, false, listener);
  const std::vector<data::Episode>& episodes = tasks.of_photos;
  shots::EpisodesConfig how;
  how.ways = c.ways;
  how.seed = c.seed;
  std::vector<MetaRow> of_rules;
  for (const head::Rule rule : head::kRules) of_rules.push_back({network, head::to_string(rule), std::vector<double>(episodes.size())});
  of_rules.push_back({network, "auto", std::vector<double>(episodes.size())});
  ThreadPool pool(c.threads);
  pool.parallel_for(episodes.size(), [&](std::size_t e) {
    check_interrupted();
    const shots::EpisodeScore score = shots::play(how, seen, episodes[e]);
    for (std::size_t r = 0; r < of_rules.size(); ++r) of_rules[r].accuracies[e] = score.accuracy[r];
  });
  rows.insert(rows.end(), of_rules.begin(), of_rules.end());
}

/// With a last layer, and the statistics of batch norms as the training classes have them: the tasks of a training by gradient steps moved them.
graph::Graph deployed(const MetaLearningConfig& c, const Table& table, const Dealt& dealt, const graph::Graph& graph) {
  if (!c.by_gradient_steps()) {
    graph::Graph whole = network_of(c, c.ways);
    fit::put_back(graph, whole);
    return whole;
  }
  const std::vector<std::size_t> photos = photos_in(dealt.train);
  train::TrainConfig options;
  options.batch = static_cast<int>(std::min<std::size_t>(64, photos.size()));
  options.seed = c.seed;
  options.threads = c.threads;
  return train::library().adapt_statistics(graph, options, {photos.size(), only(table.fill(), photos)});
}

MetaLearning learn(const MetaLearningConfig& c, const fs::path& out, const fit::Listener& listener) {
  const Table table = read_photos(c, listener);
  const Dealt dealt = deal(c, table, listener);
  MetaLearning found{.run = out,
                     .train_classes = dealt.train.size(),
                     .val_classes = dealt.val.size(),
                     .test_classes = dealt.test.size(),
                     .photos = table.paths.size()};
  if (listener.note)
    listener.note(fmt::format(
        "{} classes for training, {} for validation, {} for testing; each task has {} classes, with {} labeled photo{} and {} to classify in each",
        found.train_classes, found.val_classes, found.test_classes, c.ways, c.shots, c.shots == 1 ? "" : "s", c.queries));
  const train::MetaResult result = trained(c, table, dealt, out / "checkpoint", listener);
  found.history = result.history;
  found.kept_check = result.kept_check;

  const TestTasks tasks = tasks_of(c, dealt.test);
  const std::string& network = result.graph.name;
  found.rows.push_back({network, std::string(train::to_string(c.method)),
                        train::library().meta_answers(result.graph, c, table.fill(), tasks.episodes, [] { return interrupted(); })});
  const graph::Graph whole = deployed(c, table, dealt, result.graph);
  engine::FeatureExtractor own = shots::extractor_of(whole, table.preprocess, c.threads, 0, tasks.photos.size());
  add_rules(c, network, own, table, tasks, listener, found.rows);
  own.release();
  if (c.baseline != "none") {
    search::NetworkConfig pretrained;
    pretrained.backbone = c.baseline;
    pretrained.threads = c.threads;
    const search::OpenedNetwork opened = search::open_network(pretrained);
    engine::FeatureExtractor theirs = shots::extractor_of(opened.graph, opened.preprocess, c.threads, c.cache_limit, tasks.photos.size());
    add_rules(c, opened.backbone, theirs, table, tasks, listener, found.rows);
    found.baseline = found.rows.size() - 1;  // auto
  }
  nlohmann::ordered_json numbers = to_json(found);
  numbers.erase("run");  // the same run gives the same bytes, wherever it is
  write_json(out / "meta.json", numbers);
  write_file(out / "encoder.onnx", onnx::write(graph::features(whole), {{"graft.preprocess", data::to_json(table.preprocess).dump()}}));
  std::error_code ignored;
  fs::remove_all(out / "checkpoint", ignored);
  return found;
}

/// What the method says of a number that was not given.
void choose_for_method(Configured<MetaLearningConfig>& config) {
  if (config.values.method != train::MetaMethod::reptile) return;
  choose(config, "lr", 1.0, "reptile starts by going all the way to a task's weights (Nichol et al. 2018)");
  choose(config, "inner-lr", 0.001, "reptile takes its steps within a task with Adam");
  choose(config, "inner-steps", 10, "each step of reptile sees only part of a task");
}

void check(const MetaLearningConfig& c) {
  if (c.first_order && (c.method == train::MetaMethod::protonet || c.method == train::MetaMethod::reptile))
    throw usage_error("--first-order", "is for --method maml, anil or meta-transfer, which use second derivatives", "omit it");
  if (c.baseline == "none") return;
  search::NetworkConfig pretrained;
  pretrained.backbone = c.baseline;
  search::check_network(pretrained);
}

}  // namespace

void MetaLearningConfig::fields(FieldList& v) {
  v.positional("data", data,
               "folder with one folder of photos per class, or a CSV or TSV of path,label; parts such as train/ and val/ are used together",
               MayBeEmpty{});
  v("out", out, "folder to write the run into; it must not exist", Shorthand{'o'}, Placeholder{"DIR"}, OfOneRun{}, DefaultText{"runs/NAME-TIME"});
  v("resume", resume, "continue this unfinished run, with its own options", Placeholder{"RUN"}, OfOneRun{});
  v("network", network, "network to train from scratch", names<MetaNetwork>{{"conv4", MetaNetwork::conv4}, {"resnet12", MetaNetwork::resnet12}});
  v("width", width, "channels of the network's first convolution", between(4, 512));
  v("size", size, "side of the square that the network sees, in pixels", between(16, 256));
  v("val-classes", val_classes, "classes for validation: the weights that do best on their tasks are kept; 0: none, the last weights are kept",
    between(0, 100000), DefaultText{"15 %, but at least --ways"});
  v("test-classes", test_classes, "classes for testing: the result is measured on their tasks", between(1, 100000),
    DefaultText{"25 %, but at least --ways"});
  v("test-episodes", test_episodes, "number of tasks drawn from the test classes", between(2, 1'000'000));
  v("baseline", baseline,
    "pretrained network to compare with, which solves the same tasks without training, by the rules of `graft shots`; none: no comparison",
    Placeholder{"NAME"});
  v("skip-unreadable", skip_unreadable, "leave out photos that cannot be read, and continue");
  v.group("Meta-learning");
  MetaConfig::fields(v);
  v("pretrain-epochs", pretrain_epochs, "with --method meta-transfer: passes over the photos of the training classes before the first task",
    between(1, 100000));
  v.group("Labels");
  source.label_fields(v);
  v.group("Machine");
  v("threads", threads, "number of CPU threads", between(1, 1024), DefaultText{"the CPUs this process may use"});
  v("cache-limit", cache_limit, "GiB on disk for the features of photos seen before; 0: none", at_least(0));
}

MetaLearning meta_learn(Configured<MetaLearningConfig>& config, const fit::Listener& listener) {
  MetaLearningConfig& c = config.values;
  begin_or_take_up(config, "meta", listener);
  choose_for_method(config);
  check(c);
  train::library();
  return in_new_folder(*c.out, "meta", config, [&] { return learn(c, *c.out, listener); });
}

}  // namespace graft::study
