#include "graft/fit/preview.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/engine/engine.h"
#include "graft/fit/more/fine_tune.h"
#include "graft/fit/more/new_layer.h"
#include "graft/fit/prepare.h"
#include "graft/onnx/write.h"
#include "graft/train/library.h"

namespace graft::fit {
namespace {

constexpr double kLooks = 4.0 / 3;  // what a step of the learning rate finder takes in steps of training: it looks at its batch once more

/// The most this process has taken so far.
uint64_t peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

/// What it takes now, once what it no longer needs was given back, as a training does before it begins.
uint64_t resident_bytes() {
  ::malloc_trim(0);
  std::ifstream in("/proc/self/statm");
  uint64_t pages = 0;
  in >> pages >> pages;
  return pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// What fit() would train, up to its first step.
struct Plan {
  Job job;
  Prepared prepared;
  graph::Graph network;
  transfer::Plan plan;

  Plan(Configured<FitConfig>& config, const Listener& listener) : job{config, listener} {
    check_options(config);
    open(job);
    prepared = prepare(job);
    network = config.values.by_steps() ? begun(job, prepared.start) : assemble(job.pretrained.graph, prepared.start.head, {});
    plan = plan_of(config, network);
  }
  /// Of SHOT that on the source.
  Training training() const {
    Training training{network, job.preprocess,       prepared.photos.train, prepared.photos.val, job.splits.task, job.config.values.precision,
                      {},      &job.pretrained.graph};
    if (const train::Adaptation method = job.config.values.adapt.training(); method != train::Adaptation::shot) training.adapt = method;
    return training;
  }
};

double since(std::chrono::steady_clock::time_point start) { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); }

/// The written model on the validation photos, as the check in the end runs it.
double check_seconds(const Plan& p) {
  const auto start = std::chrono::steady_clock::now();
  engine::Engine engine(onnx::write(p.network), p.network.name, p.job.preprocess,
                        {.precision = p.job.config.values.precision, .threads = p.job.config.values.threads});
  const double compile = since(start);
  const std::size_t rows = std::min<std::size_t>(p.prepared.photos.val.size(), static_cast<std::size_t>(engine.batch()));
  std::vector<std::size_t> which(rows);
  for (std::size_t i = 0; i < rows; ++i) which[i] = i;
  std::vector<PhotoViews::Picture> pictures;
  std::vector<std::filesystem::path> paths;
  for (std::size_t i = 0; i < rows; ++i) {
    pictures.push_back({i, 0});
    paths.push_back(p.prepared.photos.val[i].path);
  }
  ThreadPool pool(p.job.config.values.threads);
  const PhotoViews photos(paths, p.job.preprocess, {}, 0, pool);
  std::vector<uint8_t> pixels(rows * p.job.preprocess.row_bytes());
  std::vector<float> out(rows * engine.width());
  engine.run(pixels, rows, out);  // to warm up
  const auto again = std::chrono::steady_clock::now();
  photos.draw(pictures, pixels);
  engine.run(pixels, rows, out);
  return compile + since(again) / static_cast<double>(rows) * static_cast<double>(p.prepared.photos.val.size());
}

std::size_t batches(std::size_t samples, int batch) { return (samples + static_cast<std::size_t>(batch) - 1) / static_cast<std::size_t>(batch); }

/// What FixMatch takes, beside a training without it.
void add_unlabeled(Plan& p, const Training& training, const Cut& parts, train::Streams streams, Preview& preview) {
  const FitConfig& c = p.job.config.values;
  train::TrainConfig options = options_of(c, training);
  options.fixmatch = true;
  const std::size_t photos = p.job.unlabeled.size(), val = training.val.size();
  const SampleStream weak(p.job.unlabeled, training, data::of(c.augment, c.augment_options), c.seed, p.job.pool);
  const SampleStream strong(p.job.unlabeled, training, strongly_changed(c), c.seed, p.job.pool);
  streams.unlabelled = {{photos, weak.samples().fill}, {photos, strong.samples().fill}};
  const train::Cost cost = train::library().measure(parts.trained, p.plan, options, parts.frozen ? nullptr : &streams);
  if (parts.frozen) {
    const std::size_t rows = photos * (parts.views + static_cast<std::size_t>(c.views) + 1);
    preview.seconds += seconds_per_view(*parts.frozen, parts.views, training, c, p.job.pool) * static_cast<double>(rows);
    preview.disk_bytes +=
        rows * static_cast<uint64_t>(graph::element_count(parts.frozen->output_dims())) * (c.precision == engine::Precision::bf16 ? 2 : 4);
  }
  preview.step_seconds = cost.step_seconds;
  preview.bytes = std::max(preview.bytes, resident_bytes() + cost.bytes);
  preview.seconds += options.epochs * (static_cast<double>(batches(training.train.size(), options.batch)) * cost.step_seconds +
                                       static_cast<double>(batches(val, options.batch)) * cost.validation_seconds);
}

}  // namespace

Preview preview(Configured<FitConfig>& config, const Listener& listener) {
  Plan p(config, listener);
  const FitConfig& c = config.values;
  Preview preview{p.network, p.plan, check_seconds(p), 0, 0, peak_bytes()};
  if (!c.by_steps()) return preview;
  const uint64_t before = resident_bytes();

  const Training training = p.training();
  const Cut parts = cut(c, p.plan, training);
  const train::TrainConfig options = options_of(c, training);
  const SampleStream live(training.train, training, data::of(c.augment, c.augment_options), c.seed, p.job.pool);
  const SampleStream target(p.job.target, training, data::of(c.augment, c.augment_options), c.seed, p.job.pool);
  train::Streams streams{live.samples()};
  if (options.needs_target()) streams.unlabelled = {{p.job.target.size(), target.samples().fill}};
  const train::Cost cost = train::library().measure(parts.trained, p.plan, options, parts.frozen ? nullptr : &streams);
  const std::size_t train = training.train.size(), val = training.val.size();
  if (parts.frozen) {
    std::size_t rows = train * parts.views + val * (c.mirror.value_or(false) ? 2 : 1);
    if (c.adapt.asked) rows += p.job.target.size() * (parts.views + 1) + p.job.target_test.size();
    preview.seconds += seconds_per_view(*parts.frozen, parts.views, training, c, p.job.pool) * static_cast<double>(rows);
    preview.disk_bytes =
        rows * static_cast<uint64_t>(graph::element_count(parts.frozen->output_dims())) * (c.precision == engine::Precision::bf16 ? 2 : 4);
  }
  if (c.training.co_tuning > 0) {
    preview.seconds += seconds_per_view(*training.source, 1, training, c, p.job.pool) * static_cast<double>(train);
    preview.disk_bytes += train * static_cast<uint64_t>(training.source->output_dims()[0]) * (c.precision == engine::Precision::bf16 ? 2 : 4);
  }
  preview.step_seconds = cost.step_seconds;
  if (c.unlabeled.folder) add_unlabeled(p, training, parts, streams, preview);
  const double epoch = static_cast<double>(batches(train, options.batch)) * cost.step_seconds +
                       static_cast<double>(batches(val, options.batch)) * cost.validation_seconds;
  const bool replaced = c.unlabeled.method == SemiMethod::fixmatch;  // by a training with photos that have no labels
  if (!replaced)
    preview.seconds += epoch * options.epochs * (c.adapt.training() == train::Adaptation::shot ? 2 : 1);  // the source, and then the target
  preview.bytes = std::max({preview.bytes, peak_bytes(), before + cost.bytes});
  return preview;
}

train::LrCurve find_lr(Configured<FitConfig>& config, const Listener& listener) {
  Plan p(config, listener);
  const FitConfig& c = config.values;
  if (!c.by_steps()) throw usage_error("--find-lr", "a new head alone is solved without a learning rate", "give a --strategy that trains more");
  const Training training = p.training();
  const train::LrEffort effort = train::lr_effort(training.train.size(), c.training);
  const auto steps = static_cast<std::size_t>(effort.sweeps * effort.steps), batch = static_cast<std::size_t>(c.training.batch);
  FitConfig shown = c;
  if (steps * batch < training.train.size()) shown.views = 0;  // fewer photos than there are: nothing is computed once
  const Cut parts = cut(shown, p.plan, training);
  p.job.note(fmt::format("trying learning rates: {} sweeps of at most {} steps, about {:.1f} epochs' work", effort.sweeps, effort.steps,
                         static_cast<double>(steps) * kLooks / static_cast<double>(batches(training.train.size(), c.training.batch))));
  SampleStream live(training.train, training, data::of(c.augment, c.augment_options), c.seed, p.job.pool);
  std::optional<AtomicFolder> folder;  // never committed
  if (parts.frozen || c.distill || c.training.co_tuning > 0) folder.emplace(c.out->string() + "-find-lr");
  if (parts.frozen)
    live.compute(*parts.frozen, 1, folder->path() / "activations", training, c.threads, p.job.begin("frozen part", training.train.size()));
  train::Streams streams{attach_supervision(live.samples(), c, training, folder ? folder->path() : "", p.job.pool, listener)};
  const train::TrainConfig options = options_of(c, training);
  SampleStream target(p.job.target, training, data::of(c.augment, c.augment_options), c.seed, p.job.pool);
  if (options.needs_target()) {
    if (parts.frozen)
      target.compute(*parts.frozen, 1, folder->path() / "activations.target", training, c.threads,
                     p.job.begin("frozen part of the target", p.job.target.size()));
    streams.unlabelled = {{p.job.target.size(), target.samples().fill}};
  }
  return train::library().find_lr(parts.trained, p.plan, options, streams, interrupted, p.job.begin("learning rates", steps));
}

}  // namespace graft::fit
