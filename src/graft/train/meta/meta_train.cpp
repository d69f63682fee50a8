#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include "graft/base/error.h"
#include "graft/train/compute/parallel.h"
#include "graft/train/loop/checkpoint.h"
#include "graft/train/meta/learner.h"
#include "graft/train/terms/loss.h"

namespace graft::train {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kFirstMoment = 0.9;
constexpr uint64_t kValidation = 0x76616c6964;  // "valid": draws of their own beside those of the training

TaskPhotos photos_of(const graph::Graph& graph, const Fill& fill, std::span<const std::size_t> which, int ways) {
  const auto each = static_cast<int64_t>(which.size()) / ways;
  return {inputs_of(graph, fill, 0, which), at::arange(ways, at::kLong).repeat_interleave(each)};
}

Task task_of(const graph::Graph& graph, const MetaConfig& config, const Fill& fill, const data::Episode& episode) {
  return {photos_of(graph, fill, episode.support, config.ways), photos_of(graph, fill, episode.query, config.ways)};
}

void check_graph(const graph::Graph& graph, const MetaConfig& config) {
  if (config.by_gradient_steps() && graph.output_dims() != graph::Dims{config.ways})
    throw usage_error("--ways " + std::to_string(config.ways), "the network has outputs of " + graph::to_string(graph.output_dims()));
}

/// One training, from its state to the end.
class MetaRun {
 public:
  MetaRun(const graph::Graph& graph, const MetaConfig& config, const MetaPhotos& photos, const Hooks& hooks)
      : config_(config), photos_(photos), hooks_(hooks), learner_(graph, config), adam_(learner_.learned), graph_(graph) {
    if (!hooks.checkpoint.empty() && has_checkpoint(hooks.checkpoint)) restore();
    saved_ = Clock::now();
  }

  MetaResult finish() {
    while (update() < config_.iterations) {
      one_update();
      const auto updates = static_cast<std::size_t>(updates_of_check());
      if (hooks_.progress) hooks_.progress(progress_.epoch, progress_.step, updates);
      if (progress_.step == updates) end_check();
      const bool stop = hooks_.stop && hooks_.stop();
      if (stop || std::chrono::duration<double>(Clock::now() - saved_).count() > 60 * config_.checkpoint_minutes) save();
      if (stop) throw Interrupted();
    }
    int kept = progress_.epoch - 1;
    if (!best_.empty()) {
      kept = best_check();
      put(best_);
    }
    return {learner_.network(), progress_.history, kept};
  }

 private:
  /// Updates done.
  int update() const { return progress_.epoch * config_.check_every + static_cast<int>(progress_.step); }
  /// The last check may come earlier.
  int updates_of_check() const { return std::min(config_.check_every, config_.iterations - progress_.epoch * config_.check_every); }

  void one_update() {
    const int number = update();
    std::vector<at::Tensor> gradient;
    for (const at::Tensor& value : learner_.learned) gradient.push_back(at::zeros_like(value));
    for (int t = 0; t < config_.tasks; ++t) {
      const auto task_number = static_cast<std::size_t>(number) * static_cast<std::size_t>(config_.tasks) + static_cast<std::size_t>(t);
      const data::Episode episode = data::draw_episode(photos_.train, config_.ways, config_.shots, config_.queries, config_.seed, task_number);
      const Learner::Loss loss = learner_.add_gradient(task_of(graph_, config_, photos_.fill, episode), gradient);
      if (loss.mean.defined()) {
        progress_.loss_sum += loss.mean.item<double>();
        if (!std::isfinite(progress_.loss_sum))
          throw data_error("training", fmt::format("the loss is NaN or infinite in update {}", number + 1), "choose a lower --lr or --inner-lr");
      }
      progress_.right += loss.right;
    }
    at::_foreach_mul_(gradient, 1.0 / config_.tasks);
    if (config_.method == MetaMethod::reptile) {
      at::_foreach_add_(learner_.learned, gradient, -config_.lr * (1 - static_cast<double>(number) / config_.iterations));
    } else {
      adam_.step(learner_.learned, gradient, config_.lr, kFirstMoment);
    }
    ++progress_.step;
  }

  void end_check() {
    const double tasks = static_cast<double>(progress_.step) * config_.tasks;
    EpochRecord record{.epoch = progress_.epoch,
                       .train_loss = progress_.loss_sum / tasks,
                       .train_accuracy = static_cast<double>(progress_.right) / (tasks * config_.ways * config_.queries),
                       .lr = config_.lr};
    if (!photos_.val.empty()) {
      int64_t right = 0;
      for (int e = 0; e < config_.val_episodes; ++e) {
        if (hooks_.stop && hooks_.stop()) throw Interrupted();  // what is lost is this check; the checkpoint is of before
        const data::Episode episode =
            data::draw_episode(photos_.val, config_.ways, config_.shots, config_.queries, config_.seed ^ kValidation, static_cast<std::size_t>(e));
        right += learner_.right(task_of(graph_, config_, photos_.fill, episode));
      }
      record.val_accuracy = static_cast<double>(right) / (static_cast<double>(config_.val_episodes) * config_.ways * config_.queries);
    }
    progress_.history.push_back(record);
    progress_.next_epoch();
    if (!photos_.val.empty() && best_check() == record.epoch) best_ = state();
    if (hooks_.observe) hooks_.observe(record);
  }

  int best_check() const {
    int best = 0;
    for (const EpochRecord& e : progress_.history)
      if (e.val_accuracy > progress_.history[static_cast<std::size_t>(best)].val_accuracy) best = e.epoch;
    return best;
  }

  /// Copies of what was learned and of the statistics.
  std::vector<at::Tensor> state() {
    std::vector<at::Tensor> all;
    for (const at::Tensor& value : learner_.learned) all.push_back(value.detach().clone());
    for (const at::Tensor& value : learner_.statistics())
      if (value.defined()) all.push_back(value.clone());
    return all;
  }
  void put(const std::vector<at::Tensor>& all) {
    std::size_t i = 0;
    for (at::Tensor& value : learner_.learned) value.copy_(all[i++]);
    for (at::Tensor& value : learner_.statistics())
      if (value.defined()) value.copy_(all[i++]);
  }

  void save() {
    saved_ = Clock::now();
    if (hooks_.checkpoint.empty()) return;
    Checkpoint checkpoint{progress_, {}};
    const auto keep = [&](const char* what, const std::vector<at::Tensor>& list) {
      for (std::size_t i = 0; i < list.size(); ++i) checkpoint.tensors[fmt::format("{}.{}", what, i)] = list[i];
    };
    keep("weight", state());
    keep("best", best_);
    keep("momentum", adam_.first);
    keep("square", adam_.second);
    keep("steps", adam_.steps);
    write_checkpoint(hooks_.checkpoint, checkpoint, hooks_.identity);
  }

  void restore() {
    const Checkpoint checkpoint = read_checkpoint(hooks_.checkpoint, hooks_.identity, hooks_.accept);
    progress_ = checkpoint.progress;
    const auto take = [&](const char* what, std::vector<at::Tensor>& list) {
      for (std::size_t i = 0; i < list.size(); ++i) {
        const auto found = checkpoint.tensors.find(fmt::format("{}.{}", what, i));
        if (found == checkpoint.tensors.end() || found->second.sizes() != list[i].sizes())
          throw data_error(hooks_.checkpoint.string(), fmt::format("lacks {}.{} as this training needs it", what, i), "start again without it");
        list[i].copy_(found->second);
      }
    };
    std::vector<at::Tensor> weights = state();
    take("weight", weights);
    put(weights);
    if (!photos_.val.empty() && !progress_.history.empty()) {
      best_ = state();
      take("best", best_);
    }
    take("momentum", adam_.first);
    take("square", adam_.second);
    take("steps", adam_.steps);
  }

  const MetaConfig& config_;
  const MetaPhotos& photos_;
  const Hooks& hooks_;
  Learner learner_;
  Adam adam_;
  const graph::Graph& graph_;
  Progress progress_;  // an epoch is a check, a step an update
  std::vector<at::Tensor> best_;
  Clock::time_point saved_;
};

}  // namespace

MetaResult meta_train(const graph::Graph& graph, const MetaConfig& config, const MetaPhotos& photos, const Hooks& hooks) {
  check_graph(graph, config);
  set_threads(config.threads);
  return MetaRun(graph, config, photos, hooks).finish();
}

std::vector<double> meta_answers(const graph::Graph& graph, const MetaConfig& config, const Fill& fill, std::span<const data::Episode> episodes,
                                 const std::function<bool()>& stop) {
  check_graph(graph, config);
  set_threads(config.threads);
  Learner learner(graph, config);
  std::vector<double> accuracies;
  for (const data::Episode& episode : episodes) {
    if (stop && stop()) throw Interrupted();
    accuracies.push_back(static_cast<double>(learner.right(task_of(graph, config, fill, episode))) / static_cast<double>(episode.query.size()));
  }
  return accuracies;
}

}  // namespace graft::train
