#include "graft/train/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/eval/scores.h"
#include "graft/graph/bottleneck.h"

namespace graft::train {
namespace {

constexpr double kAbsurdLr = 1e3;

}  // namespace

void check_options(transfer::Kind strategy, const TrainConfig& config) {
  const bool scratch = strategy == transfer::Kind::scratch;
  const auto refuse = [](const char* option, double value, const char* fact, const char* hint) {
    throw usage_error(fmt::format("{} {:g}", option, value), fact, hint);
  };
  if (scratch && config.l2_sp > 0)
    refuse("--l2-sp", config.l2_sp, "the strategy scratch has no pretrained weights to stay near", "choose --strategy full");
  if (scratch && config.wise < 1)
    refuse("--wise", config.wise, "the strategy scratch has no pretrained weights to go back to", "choose --strategy full");
  if (scratch && config.delta > 0)
    refuse("--delta", config.delta, "the strategy scratch has no pretrained network to stay near", "choose --strategy full");
  if (scratch && config.co_tuning > 0)
    refuse("--co-tuning", config.co_tuning, "the strategy scratch has no pretrained classifier to learn with", "choose --strategy full");
  if (config.soup > 0 && config.ema > 0) refuse("--soup", config.soup, "--ema averages the weights already", "choose one of them");
  if (config.soup > 0 && config.swa > 0) refuse("--soup", config.soup, "--swa averages the weights already", "choose one of them");
  if (config.repeated > 1 && config.imbalance == Imbalance::sampling)
    refuse("--repeated", config.repeated, "--imbalance sampling already draws photos several times", "choose one of them");
  if (config.swa > 0 && config.ema > 0) refuse("--swa", config.swa, "--ema averages the weights already", "choose one of them");
  if (config.swa > 0 && config.keeps_best())
    refuse("--swa", config.swa, "is the average of the last epochs, not the best one", "omit --keep best and --patience");
}

void check_adaptation(const transfer::Plan& plan, const TrainConfig& config, const Streams& streams) {
  if (config.adapt == Adaptation::none) return;
  const std::string method(to_string(config.adapt));
  const std::size_t wanted = config.needs_target() ? 1 : 0;
  if (streams.unlabelled.size() != wanted)
    throw usage_error(method, fmt::format("the training has {} streams of unlabelled photos, expected {}", streams.unlabelled.size(), wanted),
                      wanted == 1 ? "give the target's photos" : "the target's photos take the place of labelled ones");
  if (wanted == 1 && streams.unlabelled[0].count < 2)
    throw usage_error(method, fmt::format("the target has {} photo, expected at least 2", streams.unlabelled[0].count));
  if (config.batch < 2) throw usage_error(fmt::format("--batch {}", config.batch), method + " compares photos of a step", "choose at least 2");
  const bool features_alone = config.adapt == Adaptation::deep_coral || config.adapt == Adaptation::dan || config.adapt == Adaptation::dann ||
                              config.adapt == Adaptation::confusion;
  if (!features_alone && !data::one_class_each(streams.labelled.task))
    throw usage_error(method, "is for photos of one class each", "choose dann, or another method that looks at features alone");
  const bool adversary = config.adapt == Adaptation::dann || config.adapt == Adaptation::cdan || config.adapt == Adaptation::confusion;
  if (adversary && config.accumulate > 1)
    throw usage_error(fmt::format("--accumulate {}", config.accumulate), "the discriminator of " + method + " moves with every step", "omit it");
  if (config.adapt != Adaptation::shot) return;
  if (plan.stages.back().trains) throw usage_error(method, "keeps the classifier as it is, and the plan trains it", "let stages below it train");
  if (config.imbalance != Imbalance::none && config.imbalance != Imbalance::automatic)
    throw usage_error("--imbalance", "goes by the labels of photos, and SHOT has none", "choose --imbalance none");
  if (!streams.labelled.groups.empty()) throw usage_error("--balance-groups dro", "goes by the labels of photos, and SHOT has none");
}

namespace {

void check_fixmatch(const TrainConfig& config, const Streams& streams) {
  if (!config.fixmatch) return;
  if (streams.unlabelled.size() != 2 || streams.unlabelled[0].count != streams.unlabelled[1].count)
    throw usage_error("fixmatch", "expected two streams of the same unlabeled samples", "give each photo slightly and strongly changed");
  if (config.adapt != Adaptation::none) throw usage_error("fixmatch", "is no part of an adaptation", "choose one of them");
  if (!data::one_class_each(streams.labelled.task)) throw usage_error("fixmatch", "is for photos of one class each", "omit it");
  check_enough_unlabeled(config, streams.unlabelled[0].count);
}

}  // namespace

void check_enough_unlabeled(const TrainConfig& config, std::size_t count) {
  const auto wanted = static_cast<std::size_t>(config.batch * config.unlabeled_ratio);
  if (count < wanted)
    throw usage_error(fmt::format("--unlabeled-ratio {}", config.unlabeled_ratio),
                      fmt::format("a step of {} labeled photos then sees {} without labels, but there are {}", config.batch, wanted, count),
                      "choose a lower --batch or --unlabeled-ratio, or give more photos");
}

void check_groups(const TrainConfig& config) {
  if (config.mixup > 0 || config.cutmix > 0)
    throw usage_error("--balance-groups dro", "uses the loss of each group, but --mixup and --cutmix blend photos of several", "omit those");
}

void check_mix(const graph::Dims& sample, const TrainConfig& config) {
  if (config.cutmix == 0 || (sample.size() == 3 && sample[1] * sample[2] > 1)) return;
  const std::string seen = sample.size() == 2 ? fmt::format("{} tokens", sample[0]) : fmt::format("{} numbers", sample[0]);
  throw usage_error(fmt::format("--cutmix {:g}", config.cutmix), fmt::format("what is trained sees {} of a photo, not a picture to cut from", seen),
                    "choose --mixup, or --views 0 to cut from the photos themselves");
}

bool can_choose(const Streams& streams, const TrainConfig& config) {
  return config.stop_score() == kInformation ? streams.watched.count > 0 : !streams.val.labels.empty();
}

void check(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Streams& streams) {
  const std::size_t count = streams.labelled.labels.size();
  if (count == 0) throw usage_error("training", "there are no samples to train on");
  if (std::ranges::any_of(streams.unlabelled, [](const Unlabelled& stream) { return stream.count == 0; }))
    throw usage_error("training", "a stream of unlabeled samples is empty", "omit it");
  if (static_cast<std::size_t>(config.batch) > count)
    throw usage_error(fmt::format("--batch {}", config.batch),
                      fmt::format("the training set has {} {}", with_commas(static_cast<long long>(count)), count == 1 ? "photo" : "photos"),
                      fmt::format("choose at most {}", count));
  if (!streams.labelled.groups.empty()) check_groups(config);
  const bool live = std::ranges::any_of(plan.stages, &transfer::StagePlan::batch_norm_live);
  if (live && config.batch == 1)
    throw usage_error("--batch 1", "live batch norm needs at least 2 photos per step", "choose --batch 2 or more, or --batch-norm fixed");
  if (!(config.lr < kAbsurdLr)) throw usage_error(fmt::format("--lr {:g}", config.lr), fmt::format("expected below {:g}", kAbsurdLr));
  if (!live && config.stoch_norm > 0)
    throw usage_error(fmt::format("--stoch-norm {:g}", config.stoch_norm), "nothing that is trained has live batch norm",
                      "choose --batch-norm live, and a network with batch norm");
  const auto below = std::span(plan.stages).first(static_cast<std::size_t>(graph::first_new_stage(graph)));
  if (config.delta > 0 && std::ranges::none_of(below, &transfer::StagePlan::trains))
    throw usage_error(fmt::format("--delta {:g}", config.delta), "no stage below the new layer is trained", "choose --strategy partial or full");
  check_options(plan.strategy.kind, config);
  check_adaptation(plan, config, streams);
  check_fixmatch(config, streams);
  const std::string stop = "--stop-metric " + config.stop_metric;
  if (config.stop_score() != kInformation) eval::check_score(streams.labelled.task, config.stop_score(), stop);
  else if (streams.watched.count == 0) throw usage_error(stop, "is of a target's photos, and there are none", "choose val-loss");
  else if (config.soup > 0) throw usage_error(stop, "cannot choose what goes into --soup", "omit --soup, or choose val-loss");
  check_mix(graph.input_dims(), config);
  if (can_choose(streams, config)) return;
  const char* fact = "there are no validation photos to choose by";
  if (config.patience > 0) throw usage_error(fmt::format("--patience {}", config.patience), fact, "omit it, or hold photos out");
  if (config.soup > 0) throw usage_error(fmt::format("--soup {}", config.soup), fact, "omit it, or hold photos out");
  if (config.schedule.kind == transfer::ScheduleKind::plateau) throw usage_error("--schedule plateau", fact, "choose --schedule cosine");
}

}  // namespace graft::train
