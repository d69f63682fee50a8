#include "graft/fit/more/fine_tune.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>

#include "graft/base/error.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/engine/engine.h"
#include "graft/fit/head/photo_views.h"
#include "graft/fit/job/state.h"
#include "graft/fit/more/activations.h"
#include "graft/fit/more/relation.h"
#include "graft/fit/more/teacher.h"
#include "graft/graph/builder.h"
#include "graft/graph/walks.h"
#include "graft/onnx/write.h"
#include "graft/train/library.h"
#include "graft/transfer/co_tuning.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

/// "0:41", "1:02:03".
std::string duration(double seconds) {
  const auto whole = static_cast<int64_t>(seconds + 0.5);
  return whole < 3600 ? fmt::format("{}:{:02}", whole / 60, whole % 60) : fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

/// The live line of an epoch.
class EpochLines {
 public:
  EpochLines(const Listener& listener, int epochs, std::size_t images) : listener_(listener), epochs_(epochs), images_(images) {}

  void step(int epoch, std::size_t step, std::size_t steps) {
    if (!listener_.watch) return;
    if (epoch != epoch_) {
      epoch_ = epoch;
      done_ = 0;
      advance_ = listener_.watch(fmt::format("epoch {}/{}", epoch + 1, epochs_), images_);
    }
    const std::size_t now = images_ * step / steps;
    if (advance_) advance_(now - done_);
    done_ = now;
  }

  void epoch(const train::EpochRecord& e) {
    const double seconds = std::chrono::duration<double>(Clock::now() - since_).count();
    since_ = Clock::now();
    if (!listener_.note) return;
    // Within 80 columns; the learning rate is in history.csv.
    std::string scores;
    for (const auto& [name, value] : e.scores) scores += fmt::format(", {} {:.3f}", name, value);
    listener_.note(fmt::format("epoch {:>{}}/{}: loss {:.4f}/{:.4f}, accuracy {:.3f}/{:.3f} (train/val){}, {} left", e.epoch + 1,
                               std::to_string(epochs_).size(), epochs_, e.train_loss, e.val_loss, e.train_accuracy, e.val_accuracy, scores,
                               duration(seconds * (epochs_ - e.epoch - 1))));
  }

 private:
  using Clock = std::chrono::steady_clock;
  const Listener& listener_;
  int epochs_, epoch_ = -1;
  std::size_t images_, done_ = 0;
  std::function<void(std::size_t)> advance_;
  Clock::time_point since_ = Clock::now();
};

}  // namespace

void put_back(const graph::Graph& part, graph::Graph& whole) {
  for (const graph::Parameter& p : part.parameters) whole.find(p.name)->tensor = p.tensor;
}

train::Samples attach_supervision(train::Samples samples, const FitConfig& config, const Training& training, const fs::path& folder, ThreadPool& pool,
                                  const Listener& listener) {
  const auto classes = static_cast<std::size_t>(training.network.output_dims()[0]);
  const auto begin = [&](const char* what) { return listener.begin ? listener.begin(what, training.train.size()) : nullptr; };
  samples.weights = data::weights_of(training.train);
  samples.groups = training.groups;
  if (config.distill)
    samples.teacher = teacher_logits(*config.distill, training.train, classes, folder / "teacher", config.threads, begin("teacher"));
  if (config.training.co_tuning > 0)
    samples.relation = relation_of(training, classes, folder / "source", config.threads, pool, begin("source classes"));
  return samples;
}

transfer::Plan plan_of(Configured<FitConfig>& config, const graph::Graph& network) {
  transfer::Strategy strategy = config.values.plan;
  strategy.kind = config.values.strategy.value();
  transfer::Plan plan = transfer::plan(network, strategy, config.values.training.epochs);
  if (plan.first_trainable == 0) choose(config, "views", 0, "nothing is frozen");
  return plan;
}

FineTuned fine_tune(const Configured<FitConfig>& config, const transfer::Plan& plan, const Training& training, const fs::path& run,
                    const std::map<std::string, std::string>& identity, ThreadPool& pool, const Listener& listener) {
  const FitConfig& c = config.values;
  const train::Library& library = train::library();  // before any work
  const fs::path folder = checkpoint_folder(run);
  const Cut parts = cut(c, plan, training);
  const auto advance = parts.frozen && listener.begin
                           ? listener.begin("frozen part", training.train.size() + training.val.size() * (c.mirror.value_or(false) ? 2 : 1))
                           : nullptr;
  const auto shown = [&](const std::vector<data::Sample>& samples, const data::Augment& chance, std::size_t views, const char* file) {
    SampleStream s(samples, training, chance, c.seed, pool);
    if (parts.frozen) s.compute(*parts.frozen, views, folder / file, training, c.threads, advance);
    return s;
  };
  const SampleStream train = shown(training.train, data::of(c.augment, c.augment_options), parts.views, "activations");
  const SampleStream val = shown(training.val, {}, 1, "activations.val");

  const train::Streams streams{attach_supervision(train.samples(), c, training, folder, pool, listener), val.samples()};
  const train::TrainConfig options = options_of(c, training);
  EpochLines lines(listener, options.epochs, training.train.size());
  train::Hooks hooks{.observe =
                         [&](const train::EpochRecord& e) {
                           if (training.observe) training.observe(e);
                           lines.epoch(e);
                         },
                     .progress = [&](int epoch, std::size_t step, std::size_t steps) { lines.step(epoch, step, steps); },
                     .stop = [&] { return interrupted() || (training.stop && training.stop()); },
                     .checkpoint = folder / "state",
                     .identity = identity};
  hooks.accept = c.accept_changes;
  std::vector<train::OperatorTime> times;
  if (c.profile) hooks.profile = [&](const std::vector<train::OperatorTime>& measured) { times = measured; };
  try {
    train::TrainResult result = library.train(parts.trained, plan, options, streams, hooks);
    if (c.training.co_tuning > 0) result.graph = transfer::without_source_head(std::move(result.graph));
    std::vector<float> logits = result.val_logits.empty() ? library.predict(result.graph, options, streams.val) : std::move(result.val_logits);
    if (c.mirror.value_or(false)) {  // the deployed model answers with the mean over both
      const SampleStream mirrored = shown(training.val, {.flip = 1}, 1, "activations.mirror");
      const std::vector<float> others = library.predict(result.graph, options, mirrored.samples());
      for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = (logits[i] + others[i]) / 2;
    }
    graph::Graph network = training.network;
    put_back(result.graph, network);
    return {std::move(network), std::move(result.history), result.kept_epoch, std::move(times), std::move(logits), std::move(result.group_weights)};
  } catch (const Interrupted&) {
    throw Interrupted(fmt::format("continue with: graft fit --resume {}", shell_word(run.string())));
  }
}

nlohmann::ordered_json to_json(const FineTuned& tuned, const transfer::Plan& plan) {
  nlohmann::ordered_json epochs = nlohmann::ordered_json::array(), stages = nlohmann::ordered_json::array();
  for (const train::EpochRecord& e : tuned.epochs) {
    epochs.push_back({{"epoch", e.epoch + 1},
                      {"train_loss", e.train_loss},
                      {"train_accuracy", e.train_accuracy},
                      {"val_loss", e.val_loss},
                      {"val_accuracy", e.val_accuracy},
                      {"lr", e.lr}});
    if (!e.terms.empty()) epochs.back()["terms"] = e.terms;
    if (!e.scores.empty()) epochs.back()["scores"] = e.scores;
  }
  for (const transfer::StagePlan& s : plan.stages)
    if (s.trains)
      stages.push_back({{"name", s.name}, {"from_epoch", s.unfreezes_at + 1}, {"lr_scale", s.lr_scale}, {"batch_norm_live", s.batch_norm_live}});
  return {{"strategy", transfer::to_string(plan.strategy.kind)}, {"trains", stages}, {"epochs", epochs}, {"kept_epoch", tuned.kept_epoch + 1}};
}

}  // namespace graft::fit
