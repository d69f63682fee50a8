#include "graft/train/train.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "graft/base/error.h"
#include "graft/graph/walks.h"
#include "graft/train/checks.h"
#include "graft/train/compute/parallel.h"
#include "graft/train/cost.h"
#include "graft/train/graph/executor.h"
#include "graft/train/loop/averages.h"
#include "graft/train/loop/batch_norm.h"
#include "graft/train/loop/batches.h"
#include "graft/train/loop/checkpoint.h"
#include "graft/train/loop/draw.h"
#include "graft/train/loop/group_weights.h"
#include "graft/train/loop/judge.h"
#include "graft/train/loop/pseudo_labels.h"
#include "graft/train/loop/soup.h"
#include "graft/train/loop/step.h"
#include "graft/train/loop/update.h"
#include "graft/train/loop/validate.h"
#include "graft/train/terms/loss.h"

namespace graft::train {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kExploded = 1e4;  // a loss from which no training comes back

/// One training, from its state to the end.
class Run {
 public:
  Run(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Streams& streams, const Hooks& hooks)
      : source_(graph),
        plan_(plan),
        config_(config),
        streams_(streams),
        samples_(streams_.labelled),
        val_(streams_.val),
        hooks_(hooks),
        executor_(graph, type_of(config.storage)),
        update_(executor_, graph, plan, config),
        good_epochs_(config),
        sums_(executor_.values.size()) {
    if (!streams.labelled.groups.empty()) groups_.emplace(streams.labelled, config.group_step);
    if (config.ema > 0 || config.swa > 0) average_ = clones(executor_.values);
    if (config.adapt == Adaptation::shot) streams_.labelled.weights.assign(streams.labelled.labels.size(), config.pseudo_label_weight);
    std::optional<Checkpoint> before;
    if (!hooks.checkpoint.empty() && has_checkpoint(hooks.checkpoint)) before = restore();
    if (progress_.algorithms.empty()) progress_.algorithms = choose_conv_algorithms(graph, config);
    executor_.set_conv_algorithms(progress_.algorithms);
    step_.emplace(executor_, graph, config, terms_of({graph, plan, config, streams_, progress_.algorithms}));
    update_.take_in(step_->terms());
    if (before) update_.restore(before->tensors, hooks.checkpoint.string());
    step_->restore(progress_.learning_status);
    saved_ = Clock::now();
  }

  TrainResult finish() {
    executor_.profile = static_cast<bool>(hooks_.profile);
    while (!done()) epoch();
    if (hooks_.profile) hooks_.profile(executor_.times());
    executor_.values = !best_.empty() ? best_ : average_.empty() ? executor_.values : average_;
    if (config_.soup > 0) make_soup();
    TrainResult result{source_, progress_.history, chooses() ? verdict().best_epoch : progress_.epoch - 1, progress_.epoch < config_.epochs};
    if (groups_) result.group_weights = groups_->values();
    if (config_.wise < 1) interpolate(executor_, source_, plan_, config_.wise);
    if (measures_again()) measure_again(result.kept_epoch);
    else result.val_logits = best_.empty() || config_.soup > 0 ? logits_ : best_logits_;
    give_back(executor_, plan_, result.graph);
    return result;
  }

 private:
  bool trains(std::size_t p) const { return may_move(executor_.graph(), plan_, p); }
  Verdict verdict() const { return can_choose(streams_, config_) ? judge(progress_.history, config_) : Verdict{}; }
  bool done() const { return progress_.epoch >= config_.epochs || (config_.patience > 0 && verdict().waited >= config_.patience); }
  Batches batches(int epoch) const { return batches_of(samples_.labels, config_, static_cast<uint64_t>(epoch)); }
  bool chooses() const { return !best_.empty() || config_.soup > 0; }

  std::vector<at::Tensor> clones(const std::vector<at::Tensor>& list) const { return copies(executor_.graph(), plan_, list); }
  /// Statistics that no longer fit the weights are measured in the end.
  bool measures_again() const { return config_.precise_batch_norm > 0 || config_.swa > 0 || config_.wise < 1; }
  /// What is validated: of averages, the exponential one.
  const std::vector<at::Tensor>& judged() const { return config_.ema > 0 ? average_ : executor_.values; }

  void epoch() {
    if (config_.adapt == Adaptation::shot) {
      if (progress_.step == 0) progress_.labels = pseudo_labels(executor_, samples_, config_.batch);
      streams_.labelled.labels = progress_.labels;
    }
    executor_.set_modes(modes_at(plan_, progress_.epoch, config_.stoch_norm));
    const Batches all = batches(progress_.epoch);
    const double factor = verdict().lr_factor;
    const auto lr_of = [&](const UpdateSteps& update) {
      // In the middle of an update's steps, so that neither the first update of a rise nor the last of a fall is lost at 0.
      const double middle = static_cast<double>(update.first + update.last) / 2 / static_cast<double>(all.size());
      return config_.lr * factor * transfer::lr_factor(config_.schedule, (progress_.epoch + middle) / config_.epochs, config_.epochs);
    };
    while (progress_.step < all.size()) {
      const UpdateSteps update = update_at(all, progress_.step, static_cast<std::size_t>(config_.accumulate));
      step(all, update, lr_of(update));
      ++progress_.step;
      if (hooks_.progress) hooks_.progress(progress_.epoch, progress_.step, all.size());
      const bool stop = hooks_.stop && hooks_.stop();
      if (stop || seconds_since_save() > 60 * config_.checkpoint_minutes) save();
      if (stop) throw Interrupted();
    }
    end_epoch(lr_of(update_at(all, all.size() - 1, static_cast<std::size_t>(config_.accumulate))));
    if ((done() && (measures_again() || config_.soup > 0)) || seconds_since_save() > kEpochCheckpointSeconds) save();
  }

  void step(const Batches& all, const UpdateSteps& update, double lr) {
    const std::vector<std::size_t>& which = all[progress_.step];
    const uint64_t number = static_cast<uint64_t>(progress_.epoch) * all.size() + progress_.step;
    if (groups_) streams_.labelled.weights = groups_->of_samples();
    Batch batch = draw(source_, streams_, config_, static_cast<uint64_t>(progress_.epoch), which, number);
    batch.each = groups_.has_value();
    batch.progress = static_cast<double>(number) / static_cast<double>(static_cast<std::size_t>(config_.epochs) * all.size());
    const StepLoss loss = (*step_)(batch, number, update.samples);
    check_loss(loss.sum / static_cast<double>(which.size()));
    progress_.loss_sum += loss.sum;
    progress_.right += loss.right;
    if (groups_) groups_->update(which, loss.each);
    for (std::size_t i = 0; loss.terms.size() > 1 && i < loss.terms.size(); ++i) progress_.term_sums[step_->terms()[i].name] += loss.terms[i];
    if (update.last - update.first > 1) accumulate(executor_.gradients, sums_, progress_.step == update.first, progress_.step + 1 == update.last);
    if (progress_.step + 1 < update.last) return;
    update_(lr, progress_.epoch);
    const auto every = static_cast<std::size_t>(config_.accumulate), updates = (all.size() + every - 1) / every;
    if (config_.ema > 0)
      move_average(average_, executor_, plan_,
                   ema_share(config_.ema, static_cast<double>(static_cast<std::size_t>(progress_.epoch) * updates + progress_.step / every)));
  }

  void end_epoch(double lr) {
    const auto count = static_cast<double>(samples_.labels.size());
    EpochRecord record{.epoch = progress_.epoch,
                       .train_loss = progress_.loss_sum / count,
                       .train_accuracy = static_cast<double>(progress_.right) / count,
                       .lr = lr};
    for (const auto& [name, sum] : progress_.term_sums) record.terms[name] = sum / count;
    if (config_.ema > 0) std::swap(average_, executor_.values);
    if (!val_.labels.empty()) validate(record);
    record.scores.merge(scores_of_target(executor_, streams_, config_.batch));
    record.scores.merge(step_->end_epoch());
    if (config_.ema > 0) std::swap(average_, executor_.values);
    progress_.history.push_back(record);
    if (const int first = first_averaged(config_.epochs, config_.swa); config_.swa > 0 && progress_.epoch >= first)
      move_average(average_, executor_, plan_, 1.0 / (progress_.epoch - first + 1));
    if (config_.keeps_best() && verdict().best_epoch == progress_.epoch) {
      best_ = clones(judged());
      best_logits_ = logits_;
    }
    if (good_epochs_.ends(progress_.history)) good_epochs_.put(progress_.epoch, clones(executor_.values));
    progress_.next_epoch();
    if (hooks_.weights) show_weights(record.epoch);
    if (hooks_.observe) hooks_.observe(record);
  }

  void validate(EpochRecord& record) {
    Validation validation = train::validate(executor_, val_, config_.batch, config_.stop_score());
    record.val_loss = validation.loss;
    record.val_accuracy = validation.accuracy;
    record.scores = std::move(validation.scores);
    logits_ = std::move(validation.logits);
    if (!std::isfinite(record.val_loss)) diverged(fmt::format("the validation loss is NaN or infinite after epoch {}", progress_.epoch + 1));
  }

  void show_weights(int epoch) {
    graph::Graph now = source_;
    if (config_.ema > 0) std::swap(average_, executor_.values);
    give_back(executor_, plan_, now);
    if (config_.ema > 0) std::swap(average_, executor_.values);
    hooks_.weights(epoch, now);
  }

  /// The soup of the good epochs becomes the weights.
  void make_soup() {
    Soup soup = greedy_soup(good_epochs_.best_first(progress_.history), source_, plan_, config_, [&](const Weights& weights) {
      if (hooks_.stop && hooks_.stop()) throw Interrupted();  // the checkpoint is there already
      executor_.values = weights;
      return train::validate(executor_, val_, config_.batch, config_.stop_score());
    });
    executor_.values = std::move(soup.weights);
    logits_ = std::move(soup.validation.logits);
  }

  /// On the photos that the network is for: with adaptation the target's.
  void measure_again(int epoch) {
    const Unlabelled* target = config_.needs_target() ? &streams_.unlabelled[0] : nullptr;
    const auto pass = static_cast<uint64_t>(progress_.epoch);
    const Batches all = target != nullptr ? batches_of(target->count, config_.batch, config_.seed, pass) : batches(progress_.epoch);
    const std::size_t most = config_.precise_batch_norm > 0 ? static_cast<std::size_t>(config_.precise_batch_norm) : all.size();
    measure_statistics(executor_, modes_at(plan_, epoch), std::min(most, all.size()), [&](std::size_t b) {
      if (hooks_.stop && hooks_.stop()) throw Interrupted();  // the checkpoint is there already
      return inputs_of(executor_.graph(), target != nullptr ? target->fill : samples_.fill, pass, all[b]);
    });
  }

  [[noreturn]] void diverged(const std::string& fact) const {
    const std::string saved = good_.empty() ? "" : "; the last checkpoint is of " + good_;
    throw data_error("training", fact, fmt::format("choose a lower --lr than {:g}, or --clip 1{}", config_.lr, saved));
  }

  void check_loss(double loss) const {
    if (std::isfinite(loss) && loss <= kExploded) return;
    const std::string what = std::isfinite(loss) ? fmt::format("grew to {:.2g}", loss) : "is NaN or infinite";
    diverged(fmt::format("the loss {} in step {} of epoch {}", what, progress_.step + 1, progress_.epoch + 1));
  }

  /// How messages call this place in the run: what is done.
  std::string place() const {
    return progress_.step == 0 ? fmt::format("epoch {}", progress_.epoch) : fmt::format("step {} of epoch {}", progress_.step, progress_.epoch + 1);
  }

  double seconds_since_save() const { return std::chrono::duration<double>(Clock::now() - saved_).count(); }

  void save() {
    saved_ = Clock::now();
    if (hooks_.checkpoint.empty()) return;
    if (groups_) progress_.group_weights = groups_->values();
    progress_.learning_status = step_->learning_status();
    Checkpoint checkpoint{progress_, update_.state()};
    for (std::size_t p = 0; p < executor_.values.size(); ++p) {
      if (!trains(p)) continue;
      const std::string& name = executor_.graph().parameters[p].name;
      if (!std::isfinite(executor_.values[p].sum().item<float>()))
        diverged(fmt::format("{} has values that are NaN or infinite after {}", name, place()));
      checkpoint.tensors["weight." + name] = executor_.values[p];
      if (!best_.empty()) checkpoint.tensors["best." + name] = best_[p];
      if (!average_.empty()) checkpoint.tensors["average." + name] = average_[p];
      for (const auto& [epoch, weights] : good_epochs_.weights()) checkpoint.tensors[epoch_name(epoch) + "." + name] = weights[p];
      if (sums_[p].defined()) checkpoint.tensors["gradient." + name] = sums_[p];
    }
    write_checkpoint(hooks_.checkpoint, checkpoint, hooks_.identity);
    good_ = place();
  }

  /// What is left to restore is update_'s.
  Checkpoint restore() {
    Checkpoint checkpoint = read_checkpoint(hooks_.checkpoint, hooks_.identity, hooks_.accept);
    progress_ = checkpoint.progress;
    if (groups_) groups_->restore(progress_.group_weights);
    const auto take = [&](const std::string& what, Weights& to) { take_over(checkpoint, what, source_, plan_, hooks_.checkpoint, to); };
    take("weight", executor_.values);
    if (!average_.empty()) take("average", average_);
    if (config_.keeps_best() && verdict().best_epoch >= 0) {
      best_ = clones(executor_.values);
      take("best", best_);
    }
    for (const int epoch : good_epochs_.wanted(progress_.history)) take(epoch_name(epoch), good_epochs_.put(epoch, clones(executor_.values)));
    for (std::size_t p = 0; p < sums_.size(); ++p)
      if (const auto found = checkpoint.tensors.find("gradient." + executor_.graph().parameters[p].name); found != checkpoint.tensors.end())
        sums_[p] = found->second;
    good_ = place();
    return checkpoint;
  }

  const graph::Graph& source_;
  const transfer::Plan& plan_;
  const TrainConfig& config_;
  Streams streams_;  // whose samples count as `groups_` says
  const Samples &samples_, &val_;
  const Hooks& hooks_;
  Executor executor_;
  Update update_;
  GoodEpochs good_epochs_;
  Progress progress_;
  std::optional<GroupWeights> groups_;       // where the samples have groups
  std::optional<Step> step_;                 // once it is known how convolutions are computed
  std::vector<at::Tensor> best_, average_;   // by parameter; empty: none
  std::vector<at::Tensor> sums_;             // by parameter: of the gradients of an update's steps so far
  std::vector<float> logits_, best_logits_;  // of the validation samples, in the last epoch of this process and in the best one of it
  std::string good_;                         // the place that the last checkpoint is of; empty: none was written or read
  Clock::time_point saved_;
};

}  // namespace

TrainResult train(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Streams& streams, const Hooks& hooks) {
  check(graph, plan, config, streams);
  set_threads(config.threads);
  ::malloc_trim(0);  // what came before, an inference engine perhaps, left holes
  TrainResult result;
  with_enough_memory(graph, plan, config, [&] { result = Run(graph, plan, config, streams, hooks).finish(); });
  ::malloc_trim(0);  // and so did this
  return result;
}

}  // namespace graft::train
