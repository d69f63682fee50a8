#include "graft/train/pretraining.h"

#include <fmt/format.h>

#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <memory>

#include "graft/graph/patches.h"
#include "graft/train/compute/parallel.h"
#include "graft/train/cost.h"
#include "graft/train/loop/averages.h"
#include "graft/train/loop/batches.h"
#include "graft/train/loop/epoch_loop.h"
#include "graft/train/loop/mask_step.h"
#include "graft/train/loop/view_step.h"
#include "graft/train/terms/loss.h"

namespace graft::train {
namespace {

/// The same as options of a training with labels.
TrainConfig options_of(const PretrainingConfig& config) {
  TrainConfig options{.epochs = config.epochs, .batch = config.batch, .lr = config.learning_rate()};
  if (config.method == PretrainingMethod::mae) options.optimiser = OptimiserKind::adamw;
  options.seed = config.seed;
  options.threads = config.threads;
  options.storage = config.storage;
  options.conv_algorithms = config.conv_algorithms;
  return options;
}

void check(const graph::Graph& encoder, const PretrainingConfig& config, std::size_t photos) {
  const std::string batch = fmt::format("--batch {}", config.batch);
  if (config.batch < 2 && config.method != PretrainingMethod::mae)
    throw usage_error(batch, "is too small for contrast: the views of a photo are compared with those of others", "choose 8 or more");
  if (photos < static_cast<std::size_t>(config.batch))
    throw usage_error(batch, fmt::format("there are only {} photos, and a batch is of different photos", photos),
                      "choose a smaller --batch, or give more photos");
  if (encoder.output_dims().size() != 1)
    throw usage_error("encoder", "its output is " + graph::to_string(encoder.output_dims()) + ", expected a vector of features");
}

std::unique_ptr<PretrainStep> step_for(const PretrainingNetworks& networks, const PretrainingConfig& config, std::size_t photos) {
  const at::ScalarType storage = type_of(config.storage);
  if (config.method == PretrainingMethod::mae) return std::make_unique<MaskStep>(networks, config, storage);
  return std::make_unique<ViewStep>(networks.encoder, config, photos, storage);
}

uint64_t needed_bytes(PretrainStep& step, const TrainConfig& options) {
  uint64_t bytes = 0;
  for (const PretrainStep::Network& network : step.networks()) bytes += estimate_bytes(network.executor.graph(), network.plan, options, step.views());
  return bytes;
}

class Pretraining {
 public:
  Pretraining(PretrainStep& step, const graph::Graph& encoder, const PretrainingConfig& config, const Unlabelled& photos,
              const PhotosWatched& watched, const Hooks& hooks)
      : encoder_(encoder),
        config_(config),
        photos_(photos),
        watched_(watched),
        hooks_(hooks),
        options_(options_of(config)),
        step_(step),
        steps_(batches_of(photos.count, config.batch, config.seed, 0).size()) {
    for (const PretrainStep::Network& network : step_.networks()) players_.emplace_back(network.name, network.executor, network.plan, options_);
    if (!hooks.checkpoint.empty() && has_checkpoint(hooks.checkpoint)) restore();
    if (at_.algorithms.empty()) at_.algorithms = choose_conv_algorithms(players_.front().executor.graph(), options_);
    step_.set_conv_algorithms(at_.algorithms);
  }

  PretrainingResult finish() {
    if (at_.history.empty()) measure_before();
    EpochLoop{.epochs = config_.epochs,
              .steps = steps_,
              .checkpoint_minutes = config_.checkpoint_minutes,
              .hooks = hooks_,
              .at = at_,
              .step = [this](uint64_t number) { step(number); },
              .end = [this](EpochRecord& record) { end(record); },
              .save = [this] { save(); }}
        .run();
    PretrainingResult result{encoder_, at_.history.front().scores, {at_.history.begin() + 1, at_.history.end()}};
    for (const Player& player : players_) {
      graph::Graph trained = player.executor.graph();
      give_back(player.executor, player.plan, trained);
      for (const graph::Parameter& parameter : trained.parameters)
        if (graph::Parameter* to = result.encoder.find(parameter.name)) to->tensor = parameter.tensor;
    }
    return result;
  }

 private:
  double lr(double step) const {
    return options_.lr * transfer::lr_factor(options_.schedule, step / (static_cast<double>(steps_) * config_.epochs), config_.epochs);
  }

  void step(uint64_t number) {
    std::vector<std::size_t> photos = batches_of(photos_.count, config_.batch, config_.seed, static_cast<uint64_t>(at_.epoch))[at_.step];
    std::vector<std::size_t> views;
    for (int view = 0; view < step_.views(); ++view)
      for (const std::size_t photo : photos) views.push_back(photo + static_cast<std::size_t>(view) * photos_.count);
    const at::Tensor pictures = inputs_of(encoder_, photos_.fill, static_cast<uint64_t>(at_.epoch), views);
    const PretrainStep::Result result = step_(pictures, photos, {config_.seed, number});
    if (!std::isfinite(result.loss)) diverged(fmt::format("the loss is NaN or infinite in step {} of epoch {}", at_.step + 1, at_.epoch + 1));
    for (Player& player : players_) player.optimiser.step(lr(static_cast<double>(number) + 0.5), at_.epoch);
    step_.follow(static_cast<double>(number) / (static_cast<double>(steps_) * config_.epochs));
    at_.loss_sum += result.loss;
    if (result.spread) at_.term_sums[kSpread] += *result.spread;
  }

  [[noreturn]] void diverged(const std::string& fact) const {
    throw data_error("pretraining", fact, fmt::format("choose a lower --lr than {:g}", options_.lr));
  }

  void end(EpochRecord& record) {
    record.lr = lr((record.epoch + 1) * static_cast<double>(steps_) - 0.5);
    record.scores.merge(record.terms);  // the spread is no part of the loss
    record.terms.clear();
    record.scores.merge(scores());
    refuse_collapse(record);
  }

  static void refuse_collapse(const EpochRecord& record) {
    const auto below = [&](const char* score, double least, const char* what) {
      const auto found = record.scores.find(score);
      if (found == record.scores.end() || found->second >= least) return;
      throw Collapsed(
          ErrorKind::data, "pretraining",
          fmt::format("has collapsed in epoch {}: the network sees hardly any difference between photos ({} {:.3f}, expected at least {:g})",
                      record.epoch + 1, what, found->second, least),
          "nothing of it is kept: choose a lower --lr, a larger --batch or --method simclr, and look whether the photos differ");
    };
    below(kSpread, kLeastSpread, "spread of the projections");
    below(kEffectiveRank, kLeastRank, "effective rank of the features");
  }

  void measure_before() {
    EpochRecord before{.epoch = -1, .scores = scores()};
    if (const auto rank = before.scores.find(kEffectiveRank); rank != before.scores.end() && rank->second < kLeastRank)
      throw data_error("pretraining",
                       fmt::format("the network sees hardly any difference between the photos, even before (effective rank {:.3f})", rank->second),
                       "give photos that differ");
    at_.history.push_back(before);
    if (hooks_.observe) hooks_.observe(before);
  }

  std::map<std::string, double> scores() {
    if (!watched_.scores) return {};
    const std::size_t width = static_cast<std::size_t>(encoder_.output_dims()[0]), count = watched_.photos.count;
    std::vector<float> features;
    for (std::size_t first = 0; first < count; first += static_cast<std::size_t>(config_.batch)) {
      if (hooks_.stop && hooks_.stop()) {
        if (!at_.history.empty()) save();  // before the end of this epoch
        throw Interrupted();
      }
      std::vector<std::size_t> which;
      for (std::size_t i = first; i < std::min(count, first + static_cast<std::size_t>(config_.batch)); ++i) which.push_back(i);
      const at::Tensor rows = step_.features(inputs_of(encoder_, watched_.photos.fill, 0, which)).contiguous();
      const float* values = rows.const_data_ptr<float>();
      features.insert(features.end(), values, values + which.size() * width);
    }
    return watched_.scores(features);
  }

  void save() {
    for (const Player& player : players_)
      for (std::size_t p = 0; p < player.executor.values.size(); ++p)
        if (!std::isfinite(player.executor.values[p].sum().item<float>()))
          diverged(fmt::format("{} has values that are NaN or infinite", player.executor.graph().parameters[p].name));
    if (hooks_.checkpoint.empty()) return;
    Checkpoint checkpoint{at_, step_.state()};
    for (const Player& player : players_) player.save(checkpoint);
    write_checkpoint(hooks_.checkpoint, checkpoint, hooks_.identity);
  }

  void restore() {
    const Checkpoint checkpoint = read_checkpoint(hooks_.checkpoint, hooks_.identity, hooks_.accept);
    at_ = checkpoint.progress;
    for (Player& player : players_) player.restore(checkpoint, hooks_.checkpoint);
    step_.restore(checkpoint.tensors, hooks_.checkpoint);
  }

  const graph::Graph& encoder_;
  const PretrainingConfig& config_;
  const Unlabelled& photos_;
  const PhotosWatched& watched_;
  const Hooks& hooks_;
  TrainConfig options_;
  PretrainStep& step_;
  std::deque<Player> players_;  // of each network that trains
  std::size_t steps_;           // of an epoch
  Progress at_;                 // its history begins with what was measured before the first epoch
};

}  // namespace

transfer::Plan plan_of(const graph::Graph& graph, const PretrainingConfig& config) {
  transfer::Plan plan{.strategy = {.kind = transfer::Kind::full, .weight_decay = config.decay()}};
  for (const std::string& stage : graph.stages) {
    const bool trains = stage != graph::kFixedPositions;
    const bool live = config.batch_norm == transfer::BatchNormMode::live || stage == kProjection || stage == kPrediction;
    plan.stages.push_back({.name = stage, .trains = trains, .batch_norm_live = trains && live, .lr_scale = trains ? 1.0 : 0.0});
  }
  return plan;
}

PretrainingResult train_pretraining(const PretrainingNetworks& networks, const PretrainingConfig& config, const Unlabelled& photos,
                                    const PhotosWatched& watched, const Hooks& hooks) {
  check(networks.encoder, config, photos.count);
  set_threads(config.threads);
  ::malloc_trim(0);
  PretrainingResult result;
  const std::unique_ptr<PretrainStep> step = step_for(networks, config, photos.count);
  with_enough_memory(
      {needed_bytes(*step, options_of(config)), "training", fmt::format("for --batch {}", config.batch), "choose a smaller --batch or --size"},
      [&] { result = Pretraining(*step, networks.encoder, config, photos, watched, hooks).finish(); });
  ::malloc_trim(0);
  return result;
}

}  // namespace graft::train
