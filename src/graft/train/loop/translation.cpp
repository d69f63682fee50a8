#include "graft/train/translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "graft/base/error.h"
#include "graft/train/compute/parallel.h"
#include "graft/train/cost.h"
#include "graft/train/loop/averages.h"
#include "graft/train/loop/batches.h"
#include "graft/train/loop/cycle_step.h"
#include "graft/train/loop/epoch_loop.h"
#include "graft/train/loop/picture_pool.h"
#include "graft/train/terms/loss.h"

namespace graft::train {
namespace {

constexpr uint64_t kPools = 0x706f6f6c;  // "pool": seeds beside those of the order

/// Pictures that a generator keeps for backward at once, per photo of a batch: one of each domain, and one made by the other generator; and pictures
/// that a discriminator sees: a real one and a made one.
constexpr int kTranslated = 3, kTold = 2;

transfer::Plan all_of(const graph::Graph& graph) {
  transfer::Plan plan{.strategy = {.kind = transfer::Kind::scratch, .weight_decay = 0}};
  for (const std::string& stage : graph.stages) plan.stages.push_back({.name = stage, .trains = true, .lr_scale = 1});
  return plan;
}

TrainConfig options_of(const TranslationConfig& config, const Unlabelled& source, const Unlabelled& target) {
  TrainConfig options;
  options.batch = static_cast<int>(std::min<std::size_t>({static_cast<std::size_t>(config.batch), source.count, target.count}));
  options.optimiser = OptimiserKind::adam;
  options.momentum = config.momentum;
  options.seed = config.seed;
  return options;
}

class Translation {
 public:
  Translation(const TranslationNetworks& networks, const TranslationConfig& config, const Unlabelled& source, const Unlabelled& target,
              const Hooks& hooks)
      : networks_(networks),
        config_(config),
        source_(source),
        target_(target),
        hooks_(hooks),
        options_(options_of(config, source, target)),
        step_(networks, config) {
    players_.reserve(4);
    const auto add = [&](const char* name, Executor& network) { players_.emplace_back(name, network, all_of(network.graph()), options_); };
    add("to_target", step_.to_target());
    add("to_source", step_.to_source());
    add("of_source", step_.of_source());
    add("of_target", step_.of_target());
    for (std::size_t p = 0; p < pools_.size(); ++p) pools_[p] = {static_cast<std::size_t>(config.pool), config.seed ^ (kPools + p)};
    if (!hooks.checkpoint.empty() && has_checkpoint(hooks.checkpoint)) restore();
  }

  TranslationResult finish() {
    EpochLoop{.epochs = config_.epochs,
              .steps = batches_of(std::max(source_.count, target_.count), options_.batch, 0, 0).size(),
              .checkpoint_minutes = config_.checkpoint_minutes,
              .hooks = hooks_,
              .at = at_,
              .step = [this](uint64_t number) { step(number); },
              .end = [this](EpochRecord& record) { record.lr = lr(); },
              .save = [this] { save(); }}
        .run();
    TranslationResult result{networks_, std::move(at_.history)};
    graph::Graph* const graphs[] = {&result.networks.to_target, &result.networks.to_source, &result.networks.of_source, &result.networks.of_target};
    for (std::size_t p = 0; p < players_.size(); ++p) give_back(players_[p].executor, players_[p].plan, *graphs[p]);
    return result;
  }

 private:
  /// The authors' schedule: as it is for one half of the epochs, then along a line to 0.
  double lr() const {
    const int half = config_.epochs - config_.epochs / 2, falling = std::max(0, at_.epoch + 1 - half);
    return config_.lr * (1 - static_cast<double>(falling) / (config_.epochs - half + 1));
  }

  at::Tensor pictures(const Unlabelled& domain, std::size_t stream, uint64_t number) const {
    const Turn turn = turn_of(domain.count, options_, stream, number);
    return inputs_of(networks_.to_target, domain.fill, turn.pass, turn.which);
  }

  void step(uint64_t number) {
    const at::Tensor source = pictures(source_, 0, number), target = pictures(target_, 1, number);
    CycleLosses losses;
    const MadePictures made = step_.generate(source, target, losses);
    move(0, 1);
    step_.tell(source, target, {pools_[0].exchange(made.source, number), pools_[1].exchange(made.target, number)}, losses);
    move(2, 3);
    const double loss = losses.of_generators(config_);
    if (!std::isfinite(loss + losses.discriminators))
      throw data_error("translation", fmt::format("the loss is NaN or infinite in step {} of epoch {}", at_.step + 1, at_.epoch + 1),
                       "look at the photos of both domains: a learning rate that the authors found for all of theirs is too high for these");
    at_.loss_sum += loss;
    at_.term_sums["adversarial"] += losses.adversarial;
    at_.term_sums["cycle"] += losses.cycle;
    at_.term_sums["identity"] += losses.identity;
    at_.term_sums["discriminators"] += losses.discriminators;
  }

  void move(std::size_t first, std::size_t second) {
    for (const std::size_t p : {first, second}) players_[p].optimiser.step(lr(), at_.epoch);
  }

  static std::string pool_name(std::size_t pool, std::size_t picture) { return fmt::format("pool.{}.{}", pool, picture); }

  void save() {
    if (hooks_.checkpoint.empty()) return;
    Checkpoint checkpoint{at_, {}};
    for (const Player& player : players_) player.save(checkpoint);
    for (std::size_t pool = 0; pool < pools_.size(); ++pool)
      for (std::size_t i = 0; i < pools_[pool].pictures.size(); ++i) checkpoint.tensors[pool_name(pool, i)] = pools_[pool].pictures[i];
    write_checkpoint(hooks_.checkpoint, checkpoint, hooks_.identity);
  }

  void restore() {
    Checkpoint checkpoint = read_checkpoint(hooks_.checkpoint, hooks_.identity, hooks_.accept);
    at_ = std::move(checkpoint.progress);
    for (Player& player : players_) player.restore(checkpoint, hooks_.checkpoint);
    for (std::size_t pool = 0; pool < pools_.size(); ++pool)
      for (std::size_t i = 0; checkpoint.tensors.contains(pool_name(pool, i)); ++i)
        pools_[pool].pictures.push_back(checkpoint.tensors.at(pool_name(pool, i)));
  }

  const TranslationNetworks& networks_;
  const TranslationConfig& config_;
  const Unlabelled &source_, &target_;
  const Hooks& hooks_;
  TrainConfig options_;
  CycleStep step_;
  std::vector<Player> players_;       // generators, then discriminators
  std::array<PicturePool, 2> pools_;  // of made pictures of the source's kind, of the target's
  Progress at_;
};

}  // namespace

TranslationResult train_translation(const TranslationNetworks& networks, const TranslationConfig& config, const Unlabelled& source,
                                    const Unlabelled& target, const Hooks& hooks) {
  set_threads(config.threads);
  const TrainConfig options = options_of(config, source, target);
  const auto needed = [&](const graph::Graph& graph, int pictures) { return estimate_bytes(graph, all_of(graph), options, pictures); };
  uint64_t bytes = 0;
  for (const graph::Graph* generator : {&networks.to_target, &networks.to_source}) bytes += needed(*generator, kTranslated);
  for (const graph::Graph* discriminator : {&networks.of_source, &networks.of_target}) bytes += needed(*discriminator, kTold);
  TranslationResult result;
  with_enough_memory(
      {bytes, "translation", fmt::format("for pictures of {} x {} pixels", networks.to_target.input_dims()[2], networks.to_target.input_dims()[1]),
       "choose a smaller --translate-size or --translate-width"},
      [&] { result = Translation(networks, config, source, target, hooks).finish(); });
  return result;
}

}  // namespace graft::train
