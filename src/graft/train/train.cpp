#include "graft/train/train.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <utility>

#include "graft/base/error.h"
#include "graft/train/batch_norm.h"
#include "graft/train/checkpoint.h"
#include "graft/train/checks.h"
#include "graft/train/cost.h"
#include "graft/train/executor.h"
#include "graft/train/judge.h"
#include "graft/train/loss.h"
#include "graft/train/optimiser.h"
#include "graft/train/parallel.h"

namespace graft::train {
namespace {

using Clock = std::chrono::steady_clock;
using Batches = std::vector<std::vector<std::size_t>>;

constexpr double kExploded = 1e4;  // a loss from which no training comes back

/// Steps whose gradients make one update.
struct Update {
  std::size_t first, last, samples;
};
Update update_at(const Batches& batches, std::size_t step, std::size_t accumulate) {
  const std::size_t first = step / accumulate * accumulate;
  Update update{first, std::min(first + accumulate, batches.size()), 0};
  for (std::size_t s = update.first; s < update.last; ++s) update.samples += batches[s].size();
  return update;
}

/// One training, from its state to the end.
class Run {
 public:
  Run(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Samples& samples, const Samples& val,
      const Hooks& hooks)
      : plan_(plan),
        config_(config),
        samples_(samples),
        val_(val),
        hooks_(hooks),
        executor_(graph, type_of(config.storage)),
        optimiser_(config, transfer::groups(graph, plan), executor_),
        sums_(executor_.values.size()) {
    if (config.ema > 0) average_ = clones(executor_.values);
    if (!hooks.checkpoint.empty() && has_checkpoint(hooks.checkpoint)) restore();
    saved_ = Clock::now();
  }

  TrainResult finish() {
    executor_.profile = static_cast<bool>(hooks_.profile);
    while (!done()) epoch();
    if (hooks_.profile) hooks_.profile(executor_.times());
    executor_.values = !best_.empty() ? best_ : average_.empty() ? executor_.values : average_;
    TrainResult result{executor_.graph(), at_.history, best_.empty() ? at_.epoch - 1 : verdict().best_epoch, at_.epoch < config_.epochs};
    if (config_.precise_batch_norm > 0) measure_again(result.kept_epoch);
    else result.val_logits = best_.empty() ? logits_ : best_logits_;
    for (std::size_t p = 0; p < executor_.values.size(); ++p) {
      graph::Parameter& parameter = result.graph.parameters[p];
      const at::Tensor value = executor_.values[p].contiguous();
      if (!parameter.tensor.empty() || trains(p))
        parameter.tensor = graph::Tensor::copy_of({value.const_data_ptr<float>(), static_cast<std::size_t>(value.numel())});
    }
    return result;
  }

 private:
  bool trains(std::size_t p) const { return plan_.stages[static_cast<std::size_t>(executor_.graph().parameters[p].stage)].trains; }
  Verdict verdict() const { return val_.labels.empty() ? Verdict{} : judge(at_.history, config_); }
  bool done() const { return at_.epoch >= config_.epochs || (config_.patience > 0 && verdict().waited >= config_.patience); }
  Batches batches(int epoch) const { return batches_of(samples_.labels.size(), config_.batch, config_.seed, static_cast<uint64_t>(epoch)); }

  /// Of what trains; the rest is shared.
  std::vector<at::Tensor> clones(std::vector<at::Tensor> list) const {
    for (std::size_t p = 0; p < list.size(); ++p)
      if (trains(p)) list[p] = list[p].clone();
    return list;
  }

  void epoch() {
    executor_.set_modes(modes_at(plan_, at_.epoch));
    const Batches all = batches(at_.epoch);
    const double factor = verdict().lr_factor;
    const auto lr_of = [&](const Update& update) {
      // In the middle of an update's steps, so that neither the first update of a rise nor the last of a fall is lost at 0.
      const double middle = static_cast<double>(update.first + update.last) / 2 / static_cast<double>(all.size());
      return config_.lr * factor * transfer::lr_factor(config_.schedule, (at_.epoch + middle) / config_.epochs, config_.epochs);
    };
    while (at_.step < all.size()) {
      const Update update = update_at(all, at_.step, static_cast<std::size_t>(config_.accumulate));
      step(all, update, lr_of(update));
      ++at_.step;
      if (hooks_.progress) hooks_.progress(at_.epoch, at_.step, all.size());
      const bool stop = hooks_.stop && hooks_.stop();
      if (stop || seconds_since_save() > 60 * config_.checkpoint_minutes) save();
      if (stop) throw Interrupted();
    }
    end_epoch(lr_of(update_at(all, all.size() - 1, static_cast<std::size_t>(config_.accumulate))));
    const bool work_left = done() && config_.precise_batch_norm > 0;
    if (work_left || seconds_since_save() > kEpochCheckpointSeconds) save();
  }

  void step(const Batches& all, const Update& update, double lr) {
    const std::vector<std::size_t>& which = all[at_.step];
    const uint64_t number = static_cast<uint64_t>(at_.epoch) * all.size() + at_.step;
    const at::Tensor inputs = inputs_of(executor_.graph(), samples_, static_cast<uint64_t>(at_.epoch), which);
    const at::Tensor logits = executor_.forward(inputs, {config_.seed, number});
    const Loss loss = cross_entropy(logits, labels_of(samples_, which), config_.label_smoothing, update.samples);
    check_loss(loss.sum / static_cast<double>(which.size()));
    executor_.backward(loss.gradient);
    at_.loss_sum += loss.sum;
    at_.right += loss.right;
    if (update.last - update.first > 1) accumulate(update);
    if (at_.step + 1 < update.last) return;
    double scale = 1;
    if (config_.clip > 0) scale = std::min(1.0, config_.clip / (optimiser_.gradient_norm(at_.epoch) + 1e-6));
    optimiser_.step(lr, at_.epoch, scale);
    const auto every = static_cast<std::size_t>(config_.accumulate), updates = (all.size() + every - 1) / every;
    move_average(static_cast<double>(static_cast<std::size_t>(at_.epoch) * updates + at_.step / every));
  }

  /// Into sums_; with the update's last step back into the gradients.
  void accumulate(const Update& update) {
    for (std::size_t p = 0; p < sums_.size(); ++p) {
      at::Tensor& gradient = executor_.gradients[p];
      if (!gradient.defined()) continue;
      sums_[p] = at_.step == update.first ? gradient.clone() : sums_[p] + gradient;
      if (at_.step + 1 == update.last) gradient = std::exchange(sums_[p], {});
    }
  }

  void move_average(double update) {
    if (average_.empty()) return;
    const double decay = std::min(config_.ema, (1 + update) / (10 + update));  // follows fast at first
    for (std::size_t p = 0; p < average_.size(); ++p)
      if (trains(p)) average_[p].lerp_(executor_.values[p], 1 - decay);
  }

  void end_epoch(double lr) {
    const auto count = static_cast<double>(samples_.labels.size());
    EpochRecord record{.epoch = at_.epoch, .train_loss = at_.loss_sum / count, .train_accuracy = static_cast<double>(at_.right) / count, .lr = lr};
    if (!val_.labels.empty()) validate(record);
    at_.history.push_back(record);
    if (config_.keeps_best() && verdict().best_epoch == at_.epoch) {
      best_ = clones(average_.empty() ? executor_.values : average_);
      best_logits_ = logits_;
    }
    ++at_.epoch;
    at_.step = 0;
    at_.loss_sum = 0;
    at_.right = 0;
    if (hooks_.observe) hooks_.observe(record);
  }

  void validate(EpochRecord& record) {
    if (!average_.empty()) std::swap(average_, executor_.values);
    std::vector<std::size_t> which(val_.labels.size());
    std::iota(which.begin(), which.end(), 0);
    const auto most = static_cast<std::size_t>(config_.batch), count = which.size();
    logits_.clear();
    for (std::size_t first = 0; first < count; first += most) {
      const auto part = std::span(which).subspan(first, std::min(count - first, most));
      const at::Tensor logits = executor_.predict(inputs_of(executor_.graph(), val_, 0, part)).contiguous();
      logits_.insert(logits_.end(), logits.const_data_ptr<float>(), logits.const_data_ptr<float>() + logits.numel());
      const Loss loss = cross_entropy(logits, labels_of(val_, part), 0, part.size());
      record.val_loss += loss.sum / static_cast<double>(count);
      record.val_accuracy += static_cast<double>(loss.right) / static_cast<double>(count);
    }
    if (!average_.empty()) std::swap(average_, executor_.values);
    if (!std::isfinite(record.val_loss)) diverged(fmt::format("the validation loss is no number after epoch {}", at_.epoch + 1));
  }

  void measure_again(int epoch) {
    const Batches all = batches(at_.epoch);
    const auto most = static_cast<std::size_t>(config_.precise_batch_norm);
    measure_statistics(executor_, plan_, epoch, std::min(most, all.size()), [&](std::size_t b) {
      if (hooks_.stop && hooks_.stop()) throw Interrupted();  // the checkpoint is there already
      return inputs_of(executor_.graph(), samples_, static_cast<uint64_t>(at_.epoch), all[b]);
    });
  }

  [[noreturn]] void diverged(const std::string& fact) const {
    std::string hint = fmt::format("choose a lower --lr than {:g}, or --clip 1", config_.lr);
    if (!good_.empty()) hint += "; the last checkpoint is of " + good_;
    throw data_error("training", fact, hint);
  }

  void check_loss(double loss) const {
    if (std::isfinite(loss) && loss <= kExploded) return;
    const std::string what = std::isfinite(loss) ? fmt::format("grew to {:.2g}", loss) : "is no number";
    diverged(fmt::format("the loss {} in step {} of epoch {}", what, at_.step + 1, at_.epoch + 1));
  }

  /// How messages call this place in the run: what is done.
  std::string place() const {
    return at_.step == 0 ? fmt::format("epoch {}", at_.epoch) : fmt::format("step {} of epoch {}", at_.step, at_.epoch + 1);
  }

  double seconds_since_save() const { return std::chrono::duration<double>(Clock::now() - saved_).count(); }

  void save() {
    saved_ = Clock::now();
    if (hooks_.checkpoint.empty()) return;
    Checkpoint checkpoint{at_, optimiser_.state()};
    for (std::size_t p = 0; p < executor_.values.size(); ++p) {
      if (!trains(p)) continue;
      const std::string& name = executor_.graph().parameters[p].name;
      if (!std::isfinite(executor_.values[p].sum().item<float>())) diverged(fmt::format("{} has values that are no numbers after {}", name, place()));
      checkpoint.tensors["weight." + name] = executor_.values[p];
      if (!best_.empty()) checkpoint.tensors["best." + name] = best_[p];
      if (!average_.empty()) checkpoint.tensors["average." + name] = average_[p];
      if (sums_[p].defined()) checkpoint.tensors["gradient." + name] = sums_[p];
    }
    write_checkpoint(hooks_.checkpoint, checkpoint, hooks_.identity);
    good_ = place();
  }

  void restore() {
    const Checkpoint checkpoint = read_checkpoint(hooks_.checkpoint, hooks_.identity, hooks_.accept);
    at_ = checkpoint.progress;
    const auto take = [&](const std::string& what, std::vector<at::Tensor>& to) {
      for (std::size_t p = 0; p < to.size(); ++p) {
        if (!trains(p)) continue;
        const std::string name = what + "." + executor_.graph().parameters[p].name;
        const auto found = checkpoint.tensors.find(name);
        if (found == checkpoint.tensors.end() || found->second.sizes() != to[p].sizes())
          throw data_error(hooks_.checkpoint.string(), "lacks " + name + " as this training needs it",
                           "it belongs to another training, or was changed");
        to[p].copy_(found->second);
      }
    };
    take("weight", executor_.values);
    if (!average_.empty()) take("average", average_);
    if (config_.keeps_best() && verdict().best_epoch >= 0) {
      best_ = clones(executor_.values);
      take("best", best_);
    }
    for (std::size_t p = 0; p < sums_.size(); ++p)
      if (const auto found = checkpoint.tensors.find("gradient." + executor_.graph().parameters[p].name); found != checkpoint.tensors.end())
        sums_[p] = found->second;
    optimiser_.restore(checkpoint.tensors, hooks_.checkpoint.string());
    good_ = place();
  }

  const transfer::Plan& plan_;
  const TrainConfig& config_;
  const Samples &samples_, &val_;
  const Hooks& hooks_;
  Executor executor_;
  Optimiser optimiser_;
  Progress at_;
  std::vector<at::Tensor> best_, average_;   // by parameter; empty: none
  std::vector<at::Tensor> sums_;             // by parameter: of the gradients of an update's steps so far
  std::vector<float> logits_, best_logits_;  // of the validation samples, in the last epoch of this process and in the best one of it
  std::string good_;                         // the place that the last checkpoint is of; empty: none was written or read
  Clock::time_point saved_;
};

}  // namespace

TrainResult train(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Samples& samples, const Samples& val,
                  const Hooks& hooks) {
  check(plan, config, samples, val);
  set_threads(config.threads);
  TrainResult result;
  with_enough_memory(graph, plan, config, [&] { result = Run(graph, plan, config, samples, val, hooks).finish(); });
  return result;
}

}  // namespace graft::train
