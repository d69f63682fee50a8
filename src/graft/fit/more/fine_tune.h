// Training of more than the head: the second half of a parameter's journey, seen from `fit`. The frozen part of the network runs in the engine, once
// for each view of a photo; the rest in libgraft_train.so.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/data/dataset.h"
#include "graft/fit/job/config.h"
#include "graft/fit/job/state.h"
#include "graft/fit/more/material.h"
#include "graft/train/train.h"
#include "graft/transfer/plan.h"

namespace graft::fit {

struct FineTuned {
  graph::Graph network;
  std::vector<train::EpochRecord> epochs;
  int kept_epoch;
  std::vector<train::OperatorTime> times;                                          // with --profile
  std::vector<float> val_logits;                                                   // (val, classes); with --mirror the mean over both views
  std::vector<double> group_weights = {};                                          // with --balance-groups dro: in the end, by group
  std::vector<float> target_logits = {}, test_logits = {}, unlabeled_logits = {};  // (photos, classes) of Training::target, target_test, unlabeled
};

/// The plan of these options for the network. Options that follow from the plan are written into `config`. Errors as transfer::plan.
transfer::Plan plan_of(Configured<FitConfig>& config, const graph::Graph& network);

/// The samples of training.train with everything besides their pictures: weights, the teacher's
/// answers, the relation to the source's classes. What needs a network to compute is kept in `folder`.
train::Samples attach_supervision(train::Samples samples, const FitConfig& config, const Training& training, const std::filesystem::path& folder,
                                  ThreadPool& pool, const Listener& listener);

/// Trains, or continues from RUN/checkpoint, which must exist. `identity` is what must be equal in a checkpoint
/// (unfinished.h). Errors as train::train and train::library; Interrupted, with a checkpoint, after Ctrl-C.
FineTuned fine_tune(const Configured<FitConfig>& config, const transfer::Plan& plan, const Training& training, const std::filesystem::path& run,
                    const std::map<std::string, std::string>& identity, ThreadPool& pool, const Listener& listener);

/// Copies the parameters of `part` into the network from which it was cut, by their names.
void put_back(const graph::Graph& part, graph::Graph& whole);

/// Of history.json.
nlohmann::ordered_json to_json(const FineTuned& tuned, const transfer::Plan& plan);

}  // namespace graft::fit
