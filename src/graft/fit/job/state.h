// The state that the steps of a fit share.
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
#include "graft/fit/job/from_unlabeled.h"
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
  const Configured<FitConfig>* asked = nullptr;             // the options before any automatic choice, for a run that may be interrupted and resumed
  nlohmann::ordered_json sources = {};                      // for history.json: how the network was chosen (sources.h)
  std::vector<data::Attribute> attributes = {};             // of --groups: for all training photos, then the validation photos
  std::vector<std::filesystem::path> left_out = {};         // training photos that --dedupe removed
  std::vector<data::Sample> target = {}, target_test = {};  // of an adaptation; the labels of `target` are meaningless
  std::vector<data::Sample> unlabeled = {};                 // of --unlabeled; their labels are meaningless
  std::map<std::filesystem::path, Hash128> unlabeled_hashes = {};  // of the bytes of each of these, and of those of them that were left out
  std::size_t unlabeled_in_training = 0;                           // photos of --unlabeled that are also training photos, and left out
  std::size_t test_in_target = 0;                                  // photos of target_test that are also in target

  int classes() const { return static_cast<int>(splits.classes.size()); }
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count(); }  // since the start
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

/// The results of the steps that precede training more than the head.
struct Start {
  std::vector<std::size_t> unreadable;                                  // indices of samples, of training and then validation, ascending
  std::optional<std::size_t> cached;                                    // photos whose features came from the cache, if features were computed
  head::LinearHead head = {};                                           // on the network's last features
  nlohmann::ordered_json phases = nlohmann::ordered_json::array();      // for history.json
  std::map<std::string, std::string> identity;                          // of the training when it began
  std::size_t classes = 0;                                              // number of classes of the photos at that time
  nlohmann::ordered_json reweighting = {};                              // of --reweight-to (reweight.h)
  nlohmann::ordered_json near_leaks = nlohmann::ordered_json::array();  // each {photos, same, similarity, alike}, found by features (look_over.h)
  nlohmann::ordered_json sources = {};                                  // how the network was chosen (sources.h)
  nlohmann::ordered_json transfer = {};                                 // of --from (source/negative_transfer.h)
  std::vector<Hash128> hashes = {};  // of the contents of the readable photos, of training and then validation; not written to the file
};

/// Where RUN keeps the state of an unfinished training (unfinished.h).
inline std::filesystem::path checkpoint_folder(const std::filesystem::path& run) { return run / "checkpoint"; }

/// A trained network and its predictions.
struct Outcome {
  graph::Graph network;
  std::vector<float> val_logits;  // (val, classes), on the photos as training saw them
  double train_accuracy;
  std::vector<train::OperatorTime> times = {};
  int epochs = 0, kept_epoch = 0;                           // counted from 1
  std::vector<float> target_logits = {}, test_logits = {};  // of an adaptation by gradient steps: (photos, classes)
  std::vector<train::EpochRecord> history = {};             // the epochs of that adaptation
  std::optional<FromUnlabeled> unlabeled = {};              // of training by steps with --unlabeled
};

}  // namespace graft::fit
