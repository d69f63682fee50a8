// What a fit has found out, beside the files that it wrote.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

#include "graft/engine/precision.h"
#include "graft/eval/evaluation.h"
#include "graft/eval/multi_label.h"
#include "graft/fit/job/class_counts.h"
#include "graft/train/profile.h"
#include "graft/transfer/strategy.h"

namespace graft::fit {

struct FitResult {
  std::filesystem::path run;    // the folder written
  transfer::Kind strategy;      // as it was trained
  eval::Evaluation evaluation;  // of the written model.onnx on the validation images; accuracy of a multi-label one: all classes of an image right
  double train_accuracy;        // of the head on the training features, or of the last epoch's steps
  std::size_t train_images, val_images, unreadable;
  std::optional<std::size_t> cached;                           // photos whose features came from the cache, where features were computed
  std::vector<train::OperatorTime> times;                      // with --profile: where the steps of training took their time
  std::optional<eval::MultiLabelEvaluation> multi_label = {};  // of images with any number of classes: the whole of the evaluation
  std::vector<ClassCount> classes = {};
  int epochs = 0, kept_epoch = 0;                            // trained, and whose weights became the model, from 1; 0: nothing was trained by steps
  engine::Precision precision = engine::Precision::float32;  // in which the written model runs, and was checked
};

}  // namespace graft::fit
