// Meta-learning: trains a network on many small tasks, so that it can learn a new one from a few photos.
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
  protonet,       // prototypical networks (Snell et al. 2017): predicts the class whose mean feature is nearest
  maml,           // (Finn et al. 2017): learns initial weights from which a few gradient steps solve a task, by gradients through these steps
  anil,           // (Raghu et al. 2020): as maml, but the steps change the last layer only
  reptile,        // (Nichol et al. 2018): initial weights near those that training on many tasks ends at; without second derivatives
  meta_transfer,  // (Sun et al. 2019): keeps the pretrained weights; only a scale and a shift of every filter, and the last layer, are learned
};

/// "meta-transfer".
std::string_view to_string(MetaMethod method);

struct MetaConfig {
  MetaMethod method = MetaMethod::protonet;
  int ways = 5, shots = 1, queries = 15;  // of a task
  int iterations = 1000, tasks = 4;       // number of updates; tasks per update, whose gradients are averaged
  double lr = 0.001;                      // of the updates, by Adam; for reptile, fraction of the way towards the tasks' weights, which decays to 0
  double inner_lr = 0.1;                  // of the steps within a task, which reptile takes with Adam
  int inner_steps = 5;
  bool first_order = false;  // for maml, anil and meta_transfer: no gradients through the inner steps (FOMAML)
  int check_every = 100;     // updates between two validations
  int val_episodes = 100;
  uint64_t seed = 0;
  int threads = 1;
  double checkpoint_minutes = 10;

  void fields(FieldList& v);
  bool by_gradient_steps() const { return method != MetaMethod::protonet; }
};

/// The photos that tasks are drawn from, by index; those of `train` and `val` belong to different classes.
struct MetaPhotos {
  Fill fill;
  std::vector<std::vector<std::size_t>> train, val;  // one list per class, of at least config.shots + config.queries photos; val may be empty
};

struct MetaResult {
  graph::Graph graph;
  std::vector<EpochRecord> history;  // one for each check: means over the tasks since the previous check, and the validation accuracy
  int kept_check = 0;
};

/// The graph must have config.ways outputs; for protonet it must end with the features. Returns the weights of the check with the best validation
/// accuracy, or the last weights without validation. Resumes from hooks.checkpoint byte for byte, as train(). Of the hooks, only observe, progress
/// (check, update, updates), stop, checkpoint, identity and accept are used. Errors (usage) for options that contradict each other or a graph with
/// other outputs; for checkpoints and a loss that is not finite as train(). Interrupted.
MetaResult meta_train(const graph::Graph& graph, const MetaConfig& config, const MetaPhotos& photos, const Hooks& hooks = {});

/// The accuracy on the queries of each episode. The network learns from the episode's support as the method does: by prototypes, or by
/// config.inner_steps steps. For protonet, batch norms use their running statistics, as in the deployed network; for the other methods they use batch
/// statistics, of a task's support and of its queries separately, as in the published results. Interrupted if `stop` returns true.
std::vector<double> meta_answers(const graph::Graph& graph, const MetaConfig& config, const Fill& fill, std::span<const data::Episode> episodes,
                                 const std::function<bool()>& stop = {});

}  // namespace graft::train
