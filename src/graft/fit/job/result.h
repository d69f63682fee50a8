// The result of a fit, in addition to the files that it wrote.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

#include "graft/engine/precision.h"
#include "graft/eval/by_group.h"
#include "graft/eval/scores.h"
#include "graft/fit/job/adaptation.h"
#include "graft/fit/job/class_counts.h"
#include "graft/fit/job/leaked.h"
#include "graft/fit/job/unlabeled.h"
#include "graft/train/profile.h"
#include "graft/transfer/strategy.h"

namespace graft::fit {

/// With --balance-groups: how the model without it does on the validation photos.
struct BalancedGroups {
  eval::ByGroup before;
  eval::Proportion accuracy_before;
};
nlohmann::ordered_json to_json(const BalancedGroups& balanced);

struct FitResult {
  std::filesystem::path run;       // the folder written
  transfer::Kind strategy;         // as it was trained
  eval::AnyEvaluation evaluation;  // of the written model.onnx on the validation images
  double train_accuracy;           // of the head on the training features, or of the last epoch's steps
  std::size_t train_images, val_images, unreadable;
  std::optional<std::size_t> cached;       // photos whose features came from the cache, where features were computed
  std::vector<train::OperatorTime> times;  // with --profile: where the steps of training took their time
  data::Task task = {};
  std::vector<ClassCount> classes = {};
  int epochs = 0, kept_epoch = 0;  // epochs trained, and the one whose weights became the model, from 1; 0: nothing was trained by gradient steps
  std::optional<eval::ByGroup> groups = {};  // with --groups: as evaluation
  std::optional<BalancedGroups> balanced = {};
  std::optional<LeakedImages> leaked = {};  // where there are some
  std::optional<Adaptation> adaptation = {};
  std::optional<FromUnlabeled> unlabeled = {};
  engine::Precision precision = engine::Precision::float32;  // in which the written model runs and was checked
};

}  // namespace graft::fit
