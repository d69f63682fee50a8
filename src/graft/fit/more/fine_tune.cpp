#include "graft/fit/more/fine_tune.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "graft/base/error.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/engine/engine.h"
#include "graft/fit/head/photo_views.h"
#include "graft/fit/job/state.h"
#include "graft/fit/more/activations.h"
#include "graft/fit/more/epoch_lines.h"
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

/// All photos of a training, as it sees them.
class Shown {
 public:
  /// The frozen part's output is kept in `folder`. Errors as SampleStream::compute.
  Shown(const FitConfig& config, const Training& training, const Cut& parts, const fs::path& folder, ThreadPool& pool, const Listener& listener)
      : config_(config),
        training_(training),
        parts_(parts),
        folder_(folder),
        pool_(pool),
        advance_(parts.frozen && listener.begin ? listener.begin("frozen part", work()) : nullptr),
        train(stream(training.train, chance(), parts.views, training.adapt == train::Adaptation::shot ? kOfTarget : "activations")),
        val(stream(training.val, {}, 1, "activations.val")) {
    if (training.unlabeled != nullptr) {
      weak_.emplace(stream(*training.unlabeled, chance(), parts.views, "activations.weak"));
      strong_.emplace(stream(*training.unlabeled, strongly_changed(config), strong_views(), "activations.strong", kStrong));
      unlabeled.emplace(stream(*training.unlabeled, {}, 1, chance().any() ? "activations.unlabeled" : "activations.weak"));
    }
    if (training.target == nullptr) return;
    if (has_target_stream()) moving_.emplace(stream(*training.target, chance(), parts.views, kOfTarget));
    target.emplace(stream(*training.target, {}, 1, chance().any() ? "activations.target.plain" : kOfTarget));
    if (!training.target_test->empty()) test.emplace(stream(*training.target_test, {}, 1, "activations.test"));
  }

  SampleStream stream(const std::vector<data::Sample>& samples, const data::Augment& chance, std::size_t views, const char* file,
                      uint64_t other_chance = 0) const {
    SampleStream s(samples, training_, chance, config_.seed ^ other_chance, pool_);
    if (parts_.frozen) s.compute(*parts_.frozen, views, folder_ / file, training_, config_.threads, advance_);
    return s;
  }

  /// They must not outlive this. `supervise` adds to the training photos what else is known of them.
  train::Streams streams(const std::function<train::Samples(train::Samples)>& supervise) const {
    train::Streams streams{supervise(train.samples()), val.samples()};
    if (moving_) streams.unlabelled = {{training_.target->size(), moving_->samples().fill}};
    if (weak_) streams.unlabelled = {{training_.unlabeled->size(), weak_->samples().fill}, {training_.unlabeled->size(), strong_->samples().fill}};
    if (target) streams.watched = {training_.target->size(), target->samples().fill};
    if (test) streams.measured = test->samples();
    return streams;
  }

 private:
  static constexpr const char* kOfTarget = "activations.target";
  static constexpr uint64_t kStrong = 0x7374726f6e67;  // "strong": draws beside those of the slightly changed views

  data::Augment chance() const { return data::of(config_.augment, config_.augment_options); }
  bool has_target_stream() const { return training_.adapt != train::Adaptation::none && training_.adapt != train::Adaptation::shot; }
  /// Even where the photos are otherwise shown as they are.
  std::size_t strong_views() const { return parts_.frozen ? static_cast<std::size_t>(config_.views) : 1; }
  std::size_t work() const {
    const std::size_t labelled = training_.train.size() + training_.val.size() * (config_.mirror.value_or(false) ? 2 : 1);
    if (training_.unlabeled != nullptr) return labelled + 3 * training_.unlabeled->size();
    if (training_.target == nullptr) return labelled;
    return labelled + training_.target->size() * (has_target_stream() ? 2 : 1) + training_.target_test->size();
  }

  const FitConfig& config_;
  const Training& training_;
  const Cut& parts_;
  const fs::path& folder_;
  ThreadPool& pool_;
  std::function<void(std::size_t)> advance_;
  std::optional<SampleStream> moving_;         // the target's, with the chance of the training photos
  std::optional<SampleStream> weak_, strong_;  // the photos without labels

 public:
  const SampleStream train, val;
  std::optional<SampleStream> target, test, unlabeled;  // as they are, to be asked about
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
  const Shown shown(c, training, parts, folder, pool, listener);
  const train::Streams streams = shown.streams([&](train::Samples samples) {
    return training.adapt == train::Adaptation::shot ? samples : attach_supervision(std::move(samples), c, training, folder, pool, listener);
  });
  const train::TrainConfig options = options_of(c, training);
  EpochLines lines(listener, options.epochs, training.train.size(), !training.val.empty());
  train::Hooks hooks{.observe =
                         [&](const train::EpochRecord& e) {
                           if (training.observe) training.observe(e);
                           lines.epoch(e);
                         },
                     .progress = [&](int epoch, std::size_t step, std::size_t steps) { lines.step(epoch, step, steps); },
                     .stop = [&] { return interrupted() || (training.stop && training.stop()); },
                     .checkpoint = folder / training.state,
                     .identity = identity};
  hooks.accept = c.accept_changes;
  std::vector<train::OperatorTime> times;
  if (c.profile) hooks.profile = [&](const std::vector<train::OperatorTime>& measured) { times = measured; };
  try {
    train::TrainResult result = library.train(parts.trained, plan, options, streams, hooks);
    if (c.training.co_tuning > 0) result.graph = transfer::without_source_head(std::move(result.graph));
    std::vector<float> logits =
        result.val_logits.empty() && !training.val.empty() ? library.predict(result.graph, options, streams.val) : std::move(result.val_logits);
    if (c.mirror.value_or(false)) {  // the deployed model answers with the mean over both
      const SampleStream mirrored = shown.stream(training.val, {.flip = 1}, 1, "activations.mirror");
      const std::vector<float> others = library.predict(result.graph, options, mirrored.samples());
      for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = (logits[i] + others[i]) / 2;
    }
    const auto said = [&](const std::optional<SampleStream>& photos) {
      return photos ? library.predict(result.graph, options, photos->samples()) : std::vector<float>();
    };
    graph::Graph network = training.network;
    put_back(result.graph, network);
    return {std::move(network), std::move(result.history), result.kept_epoch,    std::move(times), std::move(logits), std::move(result.group_weights),
            said(shown.target), said(shown.test),          said(shown.unlabeled)};
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
