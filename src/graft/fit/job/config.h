// What `graft fit`, and with a few options more `graft adapt`, can be told. A new option is one line in `fields` and its use in fit.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/base/thread_pool.h"
#include "graft/data/attributes.h"
#include "graft/data/augment.h"
#include "graft/data/look.h"
#include "graft/data/source_options.h"
#include "graft/engine/features.h"
#include "graft/engine/stated_scale.h"
#include "graft/head/logistic.h"
#include "graft/image/resize.h"
#include "graft/models/registry.h"
#include "graft/train/config.h"
#include "graft/transfer/strategy.h"

namespace graft::fit {

enum class FeatureSet { last, stages };
enum class Beginning { solved, zero, random, kept };
enum class Solver { lbfgs, steps };
enum class Pool { average, flatten };
enum class ClassWeighting { none, balanced };
enum class Calibrating { automatic, none };
enum class BalanceGroups { none, dfr, dro };
enum class ReportKind { automatic, none };
enum class SemiMethod { automatic, fixmatch, pseudo_labels };
enum class AdaptMethod { automatic, none, coral, adabn, cyclegan, mcc, dan, deep_coral, dann, cdan, confusion, shot };

/// What `graft adapt` can be told besides.
struct AdaptOptions {
  bool asked = false;  // no option: whether this is an adaptation, whose `data` is its source
  std::optional<std::filesystem::path> target, target_test;
  AdaptMethod method = AdaptMethod::automatic;
  int translate_size = 64, translate_epochs = 100, translate_width = 32;

  bool alone = false;      // no option: a run is adapted without photos of its source
  bool deep = false;       // no option: what trains reaches below the bottleneck
  bool untrained = false;  // no option: auto goes without a method that trains, for want of libgraft_train.so

  /// What is trained by steps of libgraft_train.so, of auto as one of its candidates; none where nothing is.
  train::Adaptation training() const;
  bool trains() const { return training() != train::Adaptation::none; }

  void fields(FieldList& v, std::filesystem::path& source);
};

/// Photos without labels that the model also learns from.
struct UnlabeledOptions {
  std::optional<std::filesystem::path> folder;
  SemiMethod method = SemiMethod::automatic;

  void fields(FieldList& v);
};

struct FitConfig {
  std::filesystem::path data;
  std::optional<std::filesystem::path> out, resume, from, distill;
  bool accept_changes = false, dry_run = false, find_lr = false, profile = false, tensorboard = false;
  ReportKind report = ReportKind::automatic;
  bool in_study = false;  // no option: the study writes a report of all its runs
  std::string backbone = models::kDefaultBackbone;
  std::vector<std::string> sources;
  std::optional<std::string> latency, model_size;
  std::optional<std::filesystem::path> weights;
  std::optional<std::string> weights_key;
  bool download = false;
  std::optional<std::filesystem::path> val;
  double val_fraction = 0.2;
  std::optional<std::string> fold;  // K/N
  uint64_t seed = 0;
  data::SourceOptions source;
  bool skip_unreadable = false, dedupe = false, dedupe_near = false;
  std::optional<std::filesystem::path> sample_weights, reweight_to;
  std::optional<Size> size;
  std::optional<int> resize;
  std::optional<std::string> tensor;
  engine::StatedScale scale;
  std::optional<image::Filter> filter;
  bool grey = false;
  std::optional<image::Background> background;
  data::Depth depth = data::Depth::automatic;
  std::optional<transfer::Kind> strategy;
  std::optional<std::string> budget;
  const char* budget_help =  // of another command it is the time for more
      "time limit for --strategy auto, counted from the start: a strategy is tried only if its trial and its training fit, and the remaining time is "
      "spent on trying more epochs and a lower learning rate; the head is solved in any case";
  transfer::Strategy plan;  // all of it but the kind
  train::TrainConfig training;
  std::optional<Beginning> begin;
  data::AugmentPreset augment = data::AugmentPreset::light;
  data::AugmentOptions augment_options;
  int views = 4;
  std::optional<FeatureSet> features;
  std::optional<Solver> solver;
  std::string hidden;  // N,N...
  Pool pool = Pool::average;
  std::optional<bool> mirror;
  std::optional<double> l2;
  std::optional<std::string> reject;  // a part of the photos, or none
  ClassWeighting class_weights = ClassWeighting::none;
  Calibrating calibrate = Calibrating::automatic;
  std::optional<std::filesystem::path> calibrate_on, costs;
  std::optional<double> coverage;
  data::AttributeOptions by_group;
  BalanceGroups balance_groups = BalanceGroups::none;
  engine::Precision precision = engine::Precision::automatic;
  int threads = available_cpus();
  double cache_limit = 4;
  AdaptOptions adapt;
  UnlabeledOptions unlabeled;  // of a fit, not of an adaptation

  /// Whether an earlier run is adapted without the photos that it learned.
  bool source_free() const { return adapt.asked && data.empty() && from.has_value(); }

  /// Once strategy and solver are known: whether anything trains by steps.
  bool by_steps() const { return adapt.asked ? adapt.trains() : strategy != transfer::Kind::head || solver == Solver::steps; }

  /// What the network is chosen from, and by.
  void source_fields(FieldList& v, const char* otherwise);

  void fields(FieldList& v);

  /// The config with all defaults.
  FitConfig plain() const {
    FitConfig config;
    config.adapt.asked = adapt.asked;
    return config;
  }
};

/// Options of `graft adapt`.
struct AdaptConfig : FitConfig {
  AdaptConfig() { adapt.asked = true; }
};

}  // namespace graft::fit
