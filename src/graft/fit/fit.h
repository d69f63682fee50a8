// From a folder of labelled images to a run folder with a checked model: the main job, in the order of its steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/eval/evaluation.h"
#include "graft/eval/multi_label.h"
#include "graft/fit/class_counts.h"
#include "graft/fit/config.h"
#include "graft/head/logistic.h"
#include "graft/train/profile.h"

namespace graft::fit {

/// How `fit` tells what it does; each may be empty. The library itself never prints.
struct Listener {
  std::function<void(const std::string& sentence)> note = {};
  /// Called when a countable piece of work begins; the answer is called with the number of items just done.
  std::function<std::function<void(std::size_t)>(const std::string& what, std::size_t total)> begin = {};
  /// As begin, of work that the next note ends: an epoch of training.
  std::function<std::function<void(std::size_t)>(const std::string& what, std::size_t total)> watch = {};
  /// Called while weights are fetched, with the bytes there and in all (0: not known).
  std::function<void(const std::string& file, uint64_t done, uint64_t total)> download = {};
};

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

/// Trains a linear head on frozen features, and from there more of the network where the strategy says so. Reads no network but for `download`.
/// Automatic choices are written into `config` with their reasons.
/// Either the whole run folder appears or nothing; of a training that was stopped or failed after its first checkpoint RUN/checkpoint, for --resume.
/// Errors as data::open_splits, weights::fetch, weights::load, artifact::open_session; Interrupted after Ctrl-C.
FitResult fit(Configured<FitConfig>& config, const Listener& listener = {});

}  // namespace graft::fit
