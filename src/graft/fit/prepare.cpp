#include "graft/fit/prepare.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/artifact/model.h"
#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/fit/head/geometry.h"
#include "graft/fit/head/reweight.h"
#include "graft/fit/head/solve.h"
#include "graft/fit/job/groups.h"
#include "graft/fit/job/imbalance.h"
#include "graft/fit/job/option_rules.h"
#include "graft/fit/job/photos.h"
#include "graft/fit/job/survey.h"
#include "graft/fit/job/target.h"
#include "graft/fit/job/unlabeled.h"
#include "graft/fit/more/beginning.h"
#include "graft/fit/more/decide.h"
#include "graft/fit/more/fine_tune.h"
#include "graft/fit/more/new_layer.h"
#include "graft/fit/more/teacher.h"
#include "graft/fit/run/rules.h"
#include "graft/fit/run/run_folder.h"
#include "graft/fit/run/strangers.h"
#include "graft/fit/run/unfinished.h"
#include "graft/fit/source/backbone.h"
#include "graft/fit/source/larger_picture.h"
#include "graft/fit/source/negative_transfer.h"
#include "graft/fit/source/sources.h"
#include "graft/train/checks.h"
#include "graft/train/library.h"
#include "graft/transfer/co_tuning.h"

namespace graft::fit {
namespace {

/// What the options ask of the network, before any work.
void check_strategy(Job& job) {
  const FitConfig& c = job.config.values;
  in_training(with_new_layer(job), c.training);
  if (c.training.co_tuning > 0) transfer::check_co_tuning(job.pretrained.graph);
  const auto is_norm = [](const graph::Node& node) { return std::holds_alternative<graph::BatchNorm>(node.op); };
  if (c.adapt.method == AdaptMethod::adabn && std::ranges::none_of(job.pretrained.graph.nodes, is_norm))
    throw usage_error("--method adabn", "is for networks with batch norm, and " + job.pretrained.graph.name + " has none",
                      "choose another method, or a network with batch norm, such as --backbone resnet18");
  if (!c.strategy) return;
  if (c.by_steps()) {
    train::library();
    choose(job.config, "features", FeatureSet::last, fmt::format("{} continues from them", transfer::to_string(*c.strategy)));
  }
  if (*c.strategy != transfer::Kind::head || !c.plan.unfreeze.empty()) plan_of(job.config, with_new_layer(job));
}

/// What was decided or asked for while nobody knew whether more than the head trains.
void follow_strategy(Job& job) {
  choose_imbalance_of_training(job.config);
  if (job.config.values.by_steps()) return;
  for (const TrainingOption& option : training_only(job.config.values))
    if (origin_of(job.config.origins, option.name).given()) job.note(option.text + " has no effect with --strategy head");
}

/// An automatic strategy may come after every stage's averages were taken for the head.
void drop_stages(Configured<FitConfig>& config) {
  FitConfig& c = config.values;
  if (c.features != FeatureSet::stages) return;
  c.features = FeatureSet::last;
  config.origins.insert_or_assign("features", Origin{Source::chosen, fmt::format("{} continues from them", transfer::to_string(*c.strategy))});
}

/// Where `auto` has kept the head: with a larger picture, if that is better. The head is then solved anew, and its phase takes the place of the first one's.
void look_larger(Job& job, Start& start, Probe& found) {
  const LargerPicture larger = take_larger_picture(job);
  if (larger.taken) {
    if (origin_of(job.config.origins, "l2").source == Source::chosen) {
      job.config.values.l2.reset();
      job.config.origins.erase("l2");
    }
    const nlohmann::ordered_json before = std::move(start.phases.back());
    start.phases.erase(start.phases.size() - 1);
    found = probe(job, start);
    if (start.cached) *start.cached -= std::min(*start.cached, larger.computed);
    for (const char* what : {"features_compared", "trials"})
      if (before.contains(what)) start.phases.back()[what] = before[what];
  }
  if (!larger.compared.is_null()) start.phases.back()["larger_picture"] = larger.compared;
}

/// What the last layer of such a run reads has length 1, and beside it what rounding left of unused features: nothing to learn from.
void refuse_few_photos(const std::filesystem::path& from) {
  const nlohmann::ordered_json provenance = artifact::load_provenance(from);
  if (!provenance.is_object() || provenance.value("strategy", "") != "shots") return;
  throw usage_error("--from", printable(from.string()) + " is a run of `graft shots`, from which fit cannot continue",
                    "omit it, and give the network that it was made from: --backbone " + printable(provenance.value("backbone", "NAME")));
}

}  // namespace

void check_options(Configured<FitConfig>& config) {
  const FitConfig& c = config.values;
  const auto given = [&](const char* name) { return origin_of(config.origins, name).source != Source::by_default; };
  if (c.data.empty() && c.adapt.asked && !c.from) throw usage_error("--source", "missing", "usage: graft adapt --source DATA --target PHOTOS");
  if (c.data.empty() && !c.adapt.asked) throw usage_error("data", "missing", "usage: graft fit DATA [options], or graft fit --resume RUN");
  if (c.adapt.asked) check_adaptation(config);
  const Source named = origin_of(config.origins, "backbone").source;  // in the record of a run that went on from another it is that one's file
  if (c.from && (named == Source::flag || (named == Source::file && !c.backbone.ends_with(".onnx"))))
    throw usage_error("--from", "an earlier run has its own network", "omit --backbone");
  split_options(c);
  if (c.accept_changes && !c.resume) throw usage_error("--accept-changes", "is for an unfinished run", "give --resume RUN, too");
  const auto for_head_only = [&](const std::string& option, const char* otherwise) {
    if (!c.strategy) choose(config, "strategy", transfer::Kind::head, option + " is for it");
    if (c.strategy != transfer::Kind::head)
      throw usage_error(option, fmt::format("is for --strategy head; {} {}", transfer::to_string(*c.strategy), otherwise));
  };
  if (c.features == FeatureSet::stages && given("features")) for_head_only("--features stages", "looks at the last features");
  check_new_layer(config);
  join_class_weights(config);
  check_training_only(config);
  if (c.budget && c.strategy && origin_of(config.origins, "strategy").given())
    throw usage_error("--budget " + printable(*c.budget),
                      fmt::format("is for --strategy auto, but {} is asked for", transfer::to_string(*c.strategy)),
                      "omit --strategy, or set the length of the training with --epochs");
  budget_of(c);
  const train::TrainConfig plain;
  if (!c.distill && (c.training.distill_temperature != plain.distill_temperature || c.training.distill_weight != plain.distill_weight))
    throw usage_error("--distill-temperature and --distill-weight", "are for learning from another run", "give --distill RUN, too");
  if (c.sample_weights && c.reweight_to) throw usage_error("--reweight-to", "estimates what --sample-weights gives", "choose one of them");
  train::check_options(c.strategy.value_or(transfer::Kind::full), c.training);
  check_reject(c);
  check_groups(config);
  if (!c.adapt.asked) check_unlabeled(config);
  if (!c.out) choose(config, "out", default_run_folder(c.source_free() ? *c.from : c.data), "name and time");
  if (c.from) refuse_few_photos(*c.from);
  if (c.from) {
    config.values.backbone = artifact::network_file(*c.from).string();
    config.origins.insert_or_assign("backbone", Origin{Source::chosen, "of --from"});
  }
  if (sources_of(config).empty()) check_backbone(c);
}

void open(Job& job) {
  const FitConfig& c = job.config.values;
  open_photos(job);
  if (c.adapt.asked) open_target(job);
  open_unlabeled(job);
  check_trust(job);
  if (c.reweight_to && !is_decided(c)) photos_to_resemble(*c.reweight_to);  // what is wrong with them, before any work
  if (c.distill && !is_decided(c)) check_teacher(*c.distill, job.splits.classes);
  if (!is_decided(c)) choose_source(job);
  auto [pretrained, preprocess] = open_backbone(job);
  job.pretrained = std::move(pretrained);
  job.preprocess = preprocess;
  for (const std::string& sentence : data::choose_pixels(data::paths_of(job.splits.train), c.background, c.depth, job.preprocess, job.pool))
    job.note(sentence);
  choose(job.config, "background", job.preprocess.background, c.from ? "as the earlier run has it" : "as Pillow's convert(\"RGB\")");
  check_kept(job);
  check_strategy(job);
}

Prepared prepare(Job& job) {
  const FitConfig& c = job.config.values;
  Start start;
  std::optional<Probe> found;
  if (is_decided(c)) {
    start = read_start(*c.out);
    start.hashes = hashes_of(readable(job.splits, start.unreadable), job.pool);
    take_weights(job, start);
    if (start.classes != job.splits.classes.size())
      throw data_error(printable(c.data.string()),
                       fmt::format("has {} classes, but {} was started with {}", job.classes(), printable(c.out->string()), start.classes),
                       "restore the classes, or start another run");
    Start again;  // what is compared with the source's own head has no checkpoint: it is solved anew
    if (c.adapt.asked) found = probe(job, again);
  } else {
    start.classes = job.splits.classes.size();
    start.sources = job.sources;
    choose_imbalance(job);
    reweight(job, start);
    start.transfer = check_transfer(job);
    const bool named = c.strategy && c.by_steps();  // to be trained by steps, and not only to be decided
    const std::size_t computed = choose_geometry(job);
    if (named) choose_recipe(job);
    if (named && c.begin != Beginning::solved && !c.adapt.asked) {
      survey(job, start);
    } else {
      found = probe(job, start);
      if (start.cached) *start.cached -= std::min(*start.cached, computed);  // by an earlier run
      const bool automatic = !c.strategy;
      choose_strategy(job, *found, start);
      if (automatic && !c.by_steps()) look_larger(job, start, *found);
      follow_strategy(job);
      start.head = last_features_head(job, *found);
      if (!named && c.by_steps()) choose_recipe(job);
    }
    const bool shown_as_they_are = c.adapt.asked && c.augment == data::AugmentPreset::none;
    if (c.by_steps() && !shown_as_they_are) choose_flips(job, start);
    if (c.begin == Beginning::zero) start.head = zero_head(job);
  }
  check_other_photos(job, start.hashes);
  job.config.values.budget.reset();  // was spent on the choice, which the run's config.toml repeats
  job.config.origins.erase("budget");
  Photos photos = readable(job.splits, start.unreadable);
  std::optional<BothFeatures> features;
  if (found && !is_decided(c))
    features = BothFeatures{{photos.train.size(), found->train.width, nullptr, found->train.values},
                            {photos.val.size(), found->val.width, nullptr, found->val.values}};
  doctor::Report report = look_over(job, photos, start, features);
  const bool training = c.by_steps();
  if (training) drop_stages(job.config);
  const auto images = static_cast<int>(photos.train.size());
  if (training && images < c.training.batch) choose(job.config, "batch", images, "all training photos");
  return {std::move(start), std::move(photos), std::move(report), std::move(found)};
}

}  // namespace graft::fit
