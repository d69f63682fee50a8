#include "graft/fit/more/material.h"

#include <algorithm>
#include <chrono>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/engine/engine.h"
#include "graft/graph/builder.h"
#include "graft/graph/walks.h"
#include "graft/onnx/write.h"
#include "graft/train/checks.h"
#include "graft/transfer/co_tuning.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

constexpr int kEngineBatch = 16;
constexpr uint64_t kCopies = uint64_t{1} << 32;  // the view of a photo's next copy in the same epoch, beyond all epochs

/// The frozen part at work: rows [first, first + count) of photos x views.
class Frozen {
 public:
  Frozen(const graph::Graph& graph, std::size_t views, const PhotoViews& photos, const Training& training, int threads)
      : views_(views),
        photos_(photos),
        row_bytes_(training.preprocess.row_bytes()),
        engine_(onnx::write(graph), graph.name, training.preprocess, {.precision = training.precision, .threads = threads, .batch = kEngineBatch}),
        pixels_(chunk() * row_bytes_) {}

  std::size_t chunk() const { return kEngineBatch * views_; }  // whole photos, each decoded once

  void operator()(std::size_t first, std::size_t count, std::span<float> out) {
    std::vector<PhotoViews::Picture> pictures;
    for (std::size_t i = first; i < first + count; ++i) pictures.push_back({i / views_, i % views_});
    const std::span<uint8_t> some = std::span(pixels_).first(count * row_bytes_);
    photos_.draw(pictures, some);
    engine_.run(some, count, out);
  }

 private:
  std::size_t views_;
  const PhotoViews& photos_;
  std::size_t row_bytes_;
  engine::Engine engine_;
  std::vector<uint8_t> pixels_;
};

std::size_t width_of(const graph::Graph& frozen) { return static_cast<std::size_t>(graph::element_count(frozen.output_dims())); }

}  // namespace

graph::Graph in_training(const graph::Graph& network, const train::TrainConfig& config) {
  return graph::with_dropout(graph::with_stochastic_depth(network, config.stochastic_depth), config.dropout);
}

Cut cut(const FitConfig& config, const transfer::Plan& plan, const Training& training) {
  graph::Graph network = in_training(training.network, config.training);
  if (config.training.co_tuning > 0) network = transfer::with_source_head(std::move(network), *training.source);
  if (config.views == 0 || plan.first_trainable == 0) return {std::move(network), std::nullopt, 0};
  auto [below, above] = graph::split(network, network.stages[static_cast<std::size_t>(plan.first_trainable)]);
  train::check_mix(above.input_dims(), config.training);
  if (below.output_dims().size() == 3)
    below.name_output(graph::kActivations, static_cast<std::size_t>(graph::apply(graph::Tokens{}, {graph::output_of(below)}).node));
  const bool chance = data::of(config.augment, config.augment_options).any();
  return {std::move(above), std::move(below), chance ? static_cast<std::size_t>(config.views) : 1};
}

data::Augment strongly_changed(const FitConfig& config) {
  data::Augment augment = data::of(config.augment, config.augment_options);
  if (augment.policy.policy == data::Policy::none) augment.policy = {.policy = data::Policy::randaugment, .ops = 2, .magnitude = 10};
  augment.erase = 1;
  return augment;
}

train::TrainConfig options_here(const FitConfig& config) {
  train::TrainConfig options = config.training;
  options.seed = config.seed;
  options.threads = config.threads;
  options.conv_algorithms = cache_folder() / "kernels";
  return options;
}

train::TrainConfig options_of(const FitConfig& config, const Training& training) {
  train::TrainConfig options = options_here(config);
  options.storage = training.precision == engine::Precision::bf16 ? train::Storage::bf16 : train::Storage::float32;
  options.adapt = training.adapt;
  options.fixmatch = training.unlabeled != nullptr;
  if (training.adapt == train::Adaptation::shot) {  // whose labels are its own
    options.label_smoothing = 0;
    options.imbalance = train::Imbalance::none;
    options.batch = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(options.batch), training.train.size()));
  }
  if (training.target == nullptr && options.stop_score() == train::kInformation) {  // there is no target to choose by: SHOT's source
    options.keep = train::Keep::last;
    options.stop_metric = "val-loss";
  }
  return options;
}

SampleStream::SampleStream(const std::vector<data::Sample>& samples, const Training& training, const data::Augment& augment, uint64_t seed,
                           ThreadPool& pool)
    : task_(training.task),
      labels_(data::labels_of(samples)),
      targets_(data::targets_of(training.task, samples, static_cast<std::size_t>(training.network.output_dims()[0]))),
      photos_(data::paths_of(samples), training.preprocess, augment, seed, pool) {}

void SampleStream::compute(const graph::Graph& frozen, std::size_t views, const fs::path& file, const Training& training, int threads,
                           const std::function<void(std::size_t)>& advance) {
  views_ = views;
  const std::size_t rows = photos_.size() * views;
  std::error_code code;
  if (!fs::exists(file, code)) {
    Frozen part(frozen, views, photos_, training, threads);
    Activations::store(file, rows, width_of(frozen), training.precision == engine::Precision::bf16, part.chunk(),
                       [&](std::size_t first, std::size_t count, std::span<float> out) {
                         check_interrupted();
                         part(first, count, out);
                         if (advance) advance(count / views);
                       });
  } else if (advance) {
    advance(photos_.size());
  }
  activations_ = std::make_unique<Activations>(file, rows, width_of(frozen));
}

train::Samples SampleStream::samples() const {
  train::Samples samples{.labels = labels_, .fill = [this](uint64_t epoch, std::span<const std::size_t> which, std::span<float> out) {
                           const std::size_t photos = labels_.size();
                           if (!activations_) {
                             std::vector<PhotoViews::Picture> pictures;
                             for (const std::size_t i : which) pictures.push_back({i % photos, epoch + i / photos * kCopies});
                             return photos_.fill(pictures, out);
                           }
                           const std::size_t width = activations_->width();
                           for (std::size_t i = 0; i < which.size(); ++i) {
                             const std::size_t photo = which[i] % photos, copy = which[i] / photos;
                             activations_->read(photo * views_ + (epoch + photo + copy) % views_, out.subspan(i * width, width));
                           }
                         }};
  samples.task = task_;
  samples.targets = targets_;
  return samples;
}

double seconds_per_view(const graph::Graph& frozen, std::size_t views, const Training& training, const FitConfig& config, ThreadPool& pool) {
  const PhotoViews photos(data::paths_of(training.train), training.preprocess, data::of(config.augment, config.augment_options), config.seed, pool);
  Frozen part(frozen, views, photos, training, config.threads);
  const std::size_t rows = std::min(part.chunk(), photos.size() * views);
  std::vector<float> out(rows * width_of(frozen));
  part(0, rows, out);  // to warm up
  const auto start = std::chrono::steady_clock::now();
  part(0, rows, out);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / static_cast<double>(rows);
}

}  // namespace graft::fit
