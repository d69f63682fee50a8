// What the steps of a fit share.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/hash.h"
#include "graft/base/thread_pool.h"
#include "graft/data/attributes.h"
#include "graft/data/dataset.h"
#include "graft/data/preprocess.h"
#include "graft/fit/job/config.h"
#include "graft/fit/job/listener.h"
#include "graft/graph/graph.h"
#include "graft/head/logistic.h"
#include "graft/train/profile.h"
#include "graft/train/train.h"
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
  const Configured<FitConfig>* asked = nullptr;             // the options before anything was chosen, for a run that may be interrupted and resumed
  nlohmann::ordered_json sources = {};                      // how the network was chosen (sources.h), of history.json
  std::vector<data::Attribute> attributes = {};             // of --groups: of all photos of training and then validation
  std::vector<std::filesystem::path> left_out = {};         // of training, by --dedupe
  std::vector<data::Sample> target = {}, target_test = {};  // of an adaptation; the target's labels have no meaning
  std::size_t test_in_target = 0;                           // photos of target_test that are in target, too

  int classes() const { return static_cast<int>(splits.classes.size()); }
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count(); }  // so far
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

/// What comes before the training of more than the head.
struct Start {
  std::vector<std::size_t> unreadable;                                  // samples, of training and then validation, ascending
  std::optional<std::size_t> cached;                                    // photos whose features came from the cache, where features were computed
  head::LinearHead head = {};                                           // on the network's last features
  nlohmann::ordered_json phases = nlohmann::ordered_json::array();      // of history.json
  std::map<std::string, std::string> identity;                          // as the training had it when it began
  std::size_t classes = 0;                                              // of the photos that it began with
  nlohmann::ordered_json reweighting = {};                              // of --reweight-to (reweight.h)
  nlohmann::ordered_json near_leaks = nlohmann::ordered_json::array();  // {photos, same, similarity, alike} each, by features (look_over.h)
  nlohmann::ordered_json sources = {};                                  // how the network was chosen (sources.h)
  nlohmann::ordered_json transfer = {};                                 // of --from (source/negative_transfer.h)
  std::vector<Hash128> hashes = {};  // of the bytes of the photos that can be read, of training and then validation; not in the file
};

/// Where RUN keeps the state of an unfinished training (unfinished.h).
inline std::filesystem::path checkpoint_folder(const std::filesystem::path& run) { return run / "checkpoint"; }

/// A trained network and its answers.
struct Outcome {
  graph::Graph network;
  std::vector<float> val_logits;  // (val, classes), as training saw them
  double train_accuracy;
  std::vector<train::OperatorTime> times = {};
  int epochs = 0, kept_epoch = 0;                           // from 1
  std::vector<float> target_logits = {}, test_logits = {};  // of an adaptation by steps: (photos, classes)
  std::vector<train::EpochRecord> history = {};             // and its epochs
};

}  // namespace graft::fit
