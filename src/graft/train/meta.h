// Meta-learning: a network trained on many small tasks, so that it learns a new one from a few photos.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "graft/base/config.h"
#include "graft/data/episode.h"
#include "graft/graph/graph.h"
#include "graft/train/train.h"

namespace graft::train {

enum class MetaMethod {
  protonet,       // prototypical networks (Snell et al. 2017): the class whose mean feature is nearest
  maml,           // (Finn et al. 2017): weights from which a few steps of gradient descent solve a task, by gradients through these steps
  anil,           // (Raghu et al. 2020): as maml, but the steps move the last layer alone
  reptile,        // (Nichol et al. 2018): weights near those that many tasks end at; no gradient of a gradient
  meta_transfer,  // (Sun et al. 2019): the network as it was trained before; only a scale and a shift of every filter, and the last layer, are learned
};

/// "meta-transfer".
std::string_view to_string(MetaMethod method);

struct MetaConfig {
  MetaMethod method = MetaMethod::protonet;
  int ways = 5, shots = 1, queries = 15;  // of a task
  int iterations = 1000, tasks = 4;       // updates, and the tasks whose mean gradient makes one
  double lr = 0.001;                      // Adam's, of the updates; of reptile the part of the way towards the tasks' weights, which falls to 0
  double inner_lr = 0.1;                  // of the steps within a task; reptile's are Adam's
  int inner_steps = 5;
  bool first_order = false;  // of maml, anil and meta_transfer: the steps are taken as though they did not depend on the weights (FOMAML)
  int check_every = 100;     // updates after which the validation's tasks are answered
  int val_episodes = 100;
  uint64_t seed = 0;
  int threads = 1;
  double checkpoint_minutes = 10;

  void fields(FieldList& v);
  bool by_gradient_steps() const { return method != MetaMethod::protonet; }
};

/// The photos that tasks are drawn from, by number; those of `train` and `val` belong to different classes.
struct MetaPhotos {
  Fill fill;
  std::vector<std::vector<std::size_t>> train, val;  // of each class, at least shots + queries of config; val may be empty
};

struct MetaResult {
  graph::Graph graph;
  std::vector<EpochRecord> history;  // one for each check: the mean over the tasks since the one before; the validation's accuracy
  int kept_check = 0;
};

/// The graph has an output for each of config.ways; of protonet it ends with the features. Weights of the check with the best validation accuracy, else the last.
/// Goes on from hooks.checkpoint byte for byte, as train(). Of the hooks observe, progress (check, update, updates), stop, checkpoint, identity and accept are called.
/// Errors (usage) for options that contradict each other or a graph of other outputs; of checkpoints and a loss that is not finite as train(). Interrupted.
MetaResult meta_train(const graph::Graph& graph, const MetaConfig& config, const MetaPhotos& photos, const Hooks& hooks = {});

/// The accuracy on the queries of each episode, answered as the method does: from its support by prototypes, or by config.inner_steps steps. Batch norms of protonet are fixed, as in
/// the deployed network; those of the others see the task's support and its queries each as a batch, as the published numbers do. Interrupted when `stop` says so.
std::vector<double> meta_answers(const graph::Graph& graph, const MetaConfig& config, const Fill& fill, std::span<const data::Episode> episodes,
                                 const std::function<bool()>& stop = {});

}  // namespace graft::train
