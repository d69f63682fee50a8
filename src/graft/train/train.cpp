#include "graft/train/train.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

#include "graft/base/error.h"
#include "graft/base/rng.h"
#include "graft/train/checkpoint.h"
#include "graft/train/executor.h"
#include "graft/train/optimiser.h"

namespace graft::train {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<int64_t> input_shape(const graph::Graph& graph, std::size_t samples) {
  const graph::Dims& d = graph.input_dims();
  const auto n = static_cast<int64_t>(samples);
  if (d.size() == 3) return {n, d[1], d[2], d[0]};
  return d.size() == 2 ? std::vector<int64_t>{n, d[0], d[1]} : std::vector<int64_t>{n, d[0]};
}

at::Tensor inputs_of(const graph::Graph& graph, const Samples& samples, uint64_t epoch, std::span<const std::size_t> which) {
  at::Tensor inputs = at::empty(input_shape(graph, which.size()), at::kFloat);
  samples.fill(epoch, which, {inputs.mutable_data_ptr<float>(), static_cast<std::size_t>(inputs.numel())});
  return inputs;
}

at::Tensor labels_of(const Samples& samples, std::span<const std::size_t> which) {
  at::Tensor labels = at::empty({static_cast<int64_t>(which.size())}, at::kLong);
  for (std::size_t i = 0; i < which.size(); ++i) labels.mutable_data_ptr<int64_t>()[i] = samples.labels[which[i]];
  return labels;
}

/// Cross-entropy with smoothed labels (Szegedy et al. 2016), summed over the batch, and its gradient of the mean.
struct Loss {
  double sum;
  at::Tensor gradient;
};
Loss cross_entropy(const at::Tensor& logits, const at::Tensor& labels, double smoothing) {
  const int64_t classes = logits.size(1);
  const at::Tensor log_p = at::log_softmax(logits, 1);
  at::Tensor target = at::full_like(log_p, smoothing / static_cast<double>(classes));
  target.scatter_add_(1, labels.unsqueeze(1), at::full({labels.size(0), 1}, 1 - smoothing, at::kFloat));
  return {-(target * log_p).sum(at::kDouble).item<double>(), (log_p.exp() - target) / static_cast<double>(labels.size(0))};
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
        executor_(graph, config.storage == Storage::bf16 ? at::kBFloat16 : at::kFloat),
        optimiser_(config, transfer::groups(graph, plan), executor_) {
    if (config.ema > 0) average_ = copies();
    std::error_code code;
    if (!hooks.checkpoint.empty() && std::filesystem::exists(hooks.checkpoint, code)) restore();
    saved_ = Clock::now();
  }

  TrainResult finish() {
    while (at_.epoch < config_.epochs && !stop_early()) epoch();
    executor_.values = at_.best_epoch >= 0 ? best_ : average_.empty() ? executor_.values : average_;
    TrainResult result{executor_.graph(), at_.history, at_.best_epoch >= 0 ? at_.best_epoch : at_.epoch - 1, at_.epoch < config_.epochs};
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

  std::vector<at::Tensor> copies() const {
    std::vector<at::Tensor> list;
    for (const at::Tensor& value : executor_.values) list.push_back(value.clone());
    return list;
  }

  bool stop_early() const { return config_.patience > 0 && at_.best_epoch >= 0 && at_.epoch - 1 - at_.best_epoch >= config_.patience; }

  void epoch() {
    std::vector<StageMode> modes;
    for (const transfer::StagePlan& s : plan_.stages) {
      const bool on = s.trains && s.unfreezes_at <= at_.epoch;
      modes.push_back({on, on && s.batch_norm_live});
    }
    executor_.set_modes(std::move(modes));
    const auto batches = batches_of(samples_.labels.size(), config_.batch, config_.seed, static_cast<uint64_t>(at_.epoch));
    const auto lr_of = [&](std::size_t step) {
      const double progress = (at_.epoch + static_cast<double>(step) / static_cast<double>(batches.size())) / config_.epochs;
      return config_.lr * transfer::lr_factor(config_.schedule, progress, config_.epochs);
    };
    while (at_.step < batches.size()) {
      step(batches[at_.step], lr_of(at_.step), batches.size());
      ++at_.step;
      if (hooks_.progress) hooks_.progress(at_.epoch, at_.step, batches.size());
      const bool stop = hooks_.stop && hooks_.stop();
      if (stop || std::chrono::duration<double>(Clock::now() - saved_).count() > 60 * config_.checkpoint_minutes) save();
      if (stop) throw Interrupted();
    }
    validate(lr_of(batches.size() - 1));
    save();
  }

  void step(const std::vector<std::size_t>& which, double lr, std::size_t steps) {
    const auto number = static_cast<uint64_t>(at_.epoch) * steps + at_.step;
    const at::Tensor logits =
        executor_.forward(inputs_of(executor_.graph(), samples_, static_cast<uint64_t>(at_.epoch), which), {config_.seed, number});
    const Loss loss = cross_entropy(logits, labels_of(samples_, which), config_.label_smoothing);
    if (!std::isfinite(loss.sum))
      throw data_error("training", fmt::format("the loss is no number in step {} of epoch {}", at_.step + 1, at_.epoch + 1),
                       fmt::format("choose a lower --lr than {:g}, or --clip 1; the last checkpoint is whole", config_.lr));
    executor_.backward(loss.gradient);
    double scale = 1;
    if (config_.clip > 0) scale = std::min(1.0, config_.clip / (optimiser_.gradient_norm(at_.epoch) + 1e-6));
    optimiser_.step(lr, at_.epoch, scale);
    at_.loss_sum += loss.sum;
    if (average_.empty()) return;
    const double decay = std::min(config_.ema, (1.0 + static_cast<double>(number)) / (10.0 + static_cast<double>(number)));  // follows fast at first
    for (std::size_t p = 0; p < average_.size(); ++p) average_[p].lerp_(executor_.values[p], 1 - decay);
  }

  void validate(double lr) {
    EpochRecord record{at_.epoch, at_.loss_sum / static_cast<double>(samples_.labels.size()), 0, 0, lr};
    if (!val_.labels.empty()) {
      if (!average_.empty()) std::swap(average_, executor_.values);
      std::vector<std::size_t> which(val_.labels.size());
      std::iota(which.begin(), which.end(), 0);
      for (std::size_t first = 0; first < which.size(); first += static_cast<std::size_t>(config_.batch)) {
        const auto part = std::span(which).subspan(first, std::min(which.size() - first, static_cast<std::size_t>(config_.batch)));
        const at::Tensor logits = executor_.predict(inputs_of(executor_.graph(), val_, 0, part)), labels = labels_of(val_, part);
        record.val_loss += cross_entropy(logits, labels, 0).sum;
        record.val_accuracy += logits.argmax(1).eq(labels).sum().item<double>();
      }
      record.val_loss /= static_cast<double>(which.size());
      record.val_accuracy /= static_cast<double>(which.size());
      const bool best = at_.best_epoch < 0 || record.val_loss < at_.history[static_cast<std::size_t>(at_.best_epoch)].val_loss;
      if (best) at_.best_epoch = at_.epoch, best_ = copies();
      if (!average_.empty()) std::swap(average_, executor_.values);
    }
    at_.history.push_back(record);
    ++at_.epoch;
    at_.step = 0;
    at_.loss_sum = 0;
    if (hooks_.observe) hooks_.observe(record);
  }

  void save() {
    saved_ = Clock::now();
    if (hooks_.checkpoint.empty()) return;
    Checkpoint checkpoint{at_, optimiser_.state()};
    for (std::size_t p = 0; p < executor_.values.size(); ++p) {
      if (!trains(p)) continue;
      const std::string& name = executor_.graph().parameters[p].name;
      checkpoint.tensors["weight." + name] = executor_.values[p];
      if (!best_.empty()) checkpoint.tensors["best." + name] = best_[p];
      if (!average_.empty()) checkpoint.tensors["average." + name] = average_[p];
    }
    write_checkpoint(hooks_.checkpoint, checkpoint, hooks_.identity);
  }

  void restore() {
    const Checkpoint checkpoint = read_checkpoint(hooks_.checkpoint, hooks_.identity);
    at_ = checkpoint.progress;
    const auto take = [&](const std::string& what, std::vector<at::Tensor>& to) {
      for (std::size_t p = 0; p < to.size(); ++p) {
        if (!trains(p)) continue;
        const auto found = checkpoint.tensors.find(what + "." + executor_.graph().parameters[p].name);
        if (found == checkpoint.tensors.end() || found->second.sizes() != to[p].sizes())
          throw data_error(hooks_.checkpoint.string(), "lacks " + what + "." + executor_.graph().parameters[p].name + " as this training needs it",
                           "it belongs to another training, or was changed");
        to[p].copy_(found->second);
      }
    };
    take("weight", executor_.values);
    if (!average_.empty()) take("average", average_);
    if (at_.best_epoch >= 0) {
      best_ = copies();
      take("best", best_);
    }
    optimiser_.restore(checkpoint.tensors, hooks_.checkpoint.string());
  }

  const transfer::Plan& plan_;
  const TrainConfig& config_;
  const Samples &samples_, &val_;
  const Hooks& hooks_;
  Executor executor_;
  Optimiser optimiser_;
  Progress at_;
  std::vector<at::Tensor> best_, average_;  // by parameter; empty: none
  Clock::time_point saved_;
};

}  // namespace

std::vector<std::vector<std::size_t>> batches_of(std::size_t samples, int batch, uint64_t seed, uint64_t epoch) {
  std::vector<std::size_t> order(samples);
  std::iota(order.begin(), order.end(), 0);
  Rng(seed, epoch).shuffle(std::span(order));
  const std::size_t count = (samples + static_cast<std::size_t>(batch) - 1) / static_cast<std::size_t>(batch);
  std::vector<std::vector<std::size_t>> batches;
  for (std::size_t b = 0; b < count; ++b)
    batches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(b * samples / count),
                         order.begin() + static_cast<std::ptrdiff_t>((b + 1) * samples / count));
  return batches;
}

TrainResult train(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Samples& samples, const Samples& val,
                  const Hooks& hooks) {
  if (samples.labels.empty()) throw usage_error("training", "there are no samples to train on");
  at::set_num_threads(config.threads);
  return Run(graph, plan, config, samples, val, hooks).finish();
}

}  // namespace graft::train
