// What the steps of a fit share.
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/data/dataset.h"
#include "graft/data/preprocess.h"
#include "graft/fit/config.h"
#include "graft/fit/fit.h"
#include "graft/train/profile.h"
#include "graft/weights/locate.h"

namespace graft::fit {

struct Job {
  Configured<FitConfig>& config;
  const Listener& listener;
  ThreadPool pool{config.values.threads};
  data::Splits splits = {};
  weights::Pretrained pretrained = {};
  data::Preprocess preprocess = {};
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  const Configured<FitConfig>* asked = nullptr;  // the options before anything was chosen, of a run that may be interrupted and taken up again
  nlohmann::ordered_json sources = {};  // how the network was chosen (sources.h), of history.json

  int classes() const { return static_cast<int>(splits.classes.size()); }
  void note(const std::string& sentence) const {
    if (listener.note) listener.note(sentence);
  }
  std::function<void(std::size_t)> begin(const std::string& what, std::size_t total) const {
    return listener.begin ? listener.begin(what, total) : nullptr;
  }
};

/// Photos that can be read.
struct Photos {
  std::vector<data::Sample> train, val;
};

/// A network that answers, as trained.
struct Outcome {
  graph::Graph network;
  std::vector<float> val_logits;  // (val, classes), as training saw them
  double train_accuracy;
  std::vector<train::OperatorTime> times = {};
  int epochs = 0, kept_epoch = 0;  // from 1
};

}  // namespace graft::fit
