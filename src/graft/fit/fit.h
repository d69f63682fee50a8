// From a folder of labelled images to a run folder with a checked model: the main job, in the order of its steps.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/eval/evaluation.h"
#include "graft/fit/config.h"
#include "graft/head/logistic.h"

namespace graft::fit {

/// How `fit` tells what it does; both may be empty. The library itself never prints.
struct Listener {
  std::function<void(const std::string& sentence)> note = {};
  /// Called when a countable piece of work begins; the answer is called with the number of items just done.
  std::function<std::function<void(std::size_t)>(const std::string& what, std::size_t total)> begin = {};
};

struct FitResult {
  std::filesystem::path run;    // the folder written
  eval::Evaluation evaluation;  // of the written model.onnx on the validation images
  double train_accuracy;        // of the head on the training features
  std::size_t train_images, val_images, unreadable, cached;
};

/// Trains a linear head on frozen features (Plan "head"). Reads no network. Automatic choices are written into `config` with their reasons.
/// Either the whole run folder appears or nothing. Errors as data::open_splits, weights::load, artifact::load_model; Interrupted after Ctrl-C.
FitResult fit(Configured<FitConfig>& config, const Listener& listener = {});

}  // namespace graft::fit
