// A Graph trained on samples: the loop. The last step of a parameter's journey.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "graft/data/task.h"
#include "graft/graph/graph.h"
#include "graft/train/config.h"
#include "graft/train/profile.h"
#include "graft/transfer/plan.h"

namespace graft::train {

/// Co-Tuning (You et al. 2020): p(class of the source | class); the graph then has the source's head (transfer/co_tuning.h).
struct Relation {
  std::size_t classes = 0;         // of the source
  std::vector<float> shares = {};  // (classes, classes of the source); rows sum to 1
};

/// The inputs of some samples as `epoch` sees them: (which, input) row-major, pictures channels last and normalised. Must depend on its arguments only, or
/// a resumed run would not be the uninterrupted one.
using Fill = std::function<void(uint64_t epoch, std::span<const std::size_t> which, std::span<float> out)>;

struct Samples {
  std::vector<int> labels;  // of MultiLabel without meaning
  /// A sample that comes several times in an epoch has its number the first time, then number + labels.size() and so on: each should be another view.
  Fill fill;
  std::vector<float> teacher = {};  // (samples, classes): logits of a network to learn from (distillation); empty: none
  data::Task task = {};
  std::vector<float> targets = {};   // of MultiLabel: (samples, classes), 1 for each class of a sample
  std::vector<double> weights = {};  // how much each counts in the loss, 1 in the mean; empty: all alike
  Relation relation = {};            // of the training samples; without classes: none
  std::vector<int> groups = {};      // of each, from 0: group DRO (loop/group_weights.h); empty: none

  std::size_t number(std::size_t which) const { return which % labels.size(); }
};

/// Samples of which only the inputs are known. Their epochs are passes over them, whatever the others' are.
struct Unlabelled {
  std::size_t count = 0;
  Fill fill;
};

/// What a training draws from. A step sees a batch of the labelled samples and one of each stream of unlabelled ones. With config.adapt, the labelled
/// ones are the source's and the one stream is the target's; with Adaptation::shot there is none, and the "labelled" ones are the target's, whose labels
/// (any) are never read.
struct Streams {
  Samples labelled;
  Samples val = {};  // without labels: none
  std::vector<Unlabelled> unlabelled = {};
  /// With config.adapt, looked at after each epoch and never learned from: the target's photos, by whose answers an epoch may be chosen (kInformation), and
  /// photos of the target whose labels are known, which choose nothing (kTargetAccuracy). Without samples: not looked at.
  Unlabelled watched = {};
  Samples measured = {};
};

/// Names of EpochRecord::scores: eval::information_maximisation of the answers to Streams::watched (config.stop_metric may be it), and the part of
/// Streams::measured that is right.
inline constexpr const char *kInformation = "information", *kTargetAccuracy = "target-accuracy";

struct EpochRecord {
  int epoch = 0;  // from 0
  double train_loss = 0, train_accuracy = 0, val_loss = 0, val_accuracy = 0, lr = 0;
  std::map<std::string, double> terms = {};   // of what was minimised each part, a mean over the samples as train_loss; empty where that is one
  std::map<std::string, double> scores = {};  // of the validation: config.stop_score(), unless it is one of these; and of the target
  bool operator==(const EpochRecord&) const = default;
};

/// A checkpoint at an epoch's end waits until the last one is so old: saving must not cost short epochs their speed.
inline constexpr double kEpochCheckpointSeconds = 20;

struct Hooks {
  std::function<void(const EpochRecord&)> observe = {};                    // after every epoch
  std::function<void(int epoch, const graph::Graph& graph)> weights = {};  // before that: with those that were validated, or would have been
  std::function<void(int epoch, std::size_t step, std::size_t steps)> progress = {};
  std::function<bool()> stop = {};                                     // asked after every step; true: save and throw Interrupted
  std::filesystem::path checkpoint = {};                               // file; empty: none is written. The one before it is kept as NAME.previous
  std::map<std::string, std::string> identity = {};                    // what must be equal for a checkpoint to go on: data, options, machine()
  std::function<void(const std::vector<OperatorTime>&)> profile = {};  // in the end: where this process's steps took their time
  bool accept = false;                                                 // go on although it differs; the next checkpoint has the new one
};

struct TrainResult {
  graph::Graph graph;  // with the weights of the last epoch, or of the best one where config.keeps_best() and there are validation samples
  std::vector<EpochRecord> history;
  int kept_epoch = 0;
  bool stopped_early = false;
  std::vector<double> group_weights = {};  // where the samples have groups: in the end
  std::vector<float> val_logits;           // (val, classes) of these very weights, where their last validation was in this process; else empty
};

/// Trains what `plan` says. Goes on from hooks.checkpoint when that file is there: byte for byte as if it had never stopped, on the same machine.
/// Parameters and statistics that do not train are returned as they came.
///
/// Checkpoints: at an epoch's end (see kEpochCheckpointSeconds), every config.checkpoint_minutes, and on a stop. Never of weights that are no numbers.
/// Errors: what check() of checks.h finds; a checkpoint of something else (names what differs), damaged or edited; a loss that is not finite or
/// beyond all bounds (with the step, what to try, and of when the last checkpoint is). Interrupted after a stop, with the checkpoint on disk.
TrainResult train(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Streams& streams, const Hooks& hooks = {});

/// What else a result depends on, for Hooks::identity: the kernels' instruction set, libtorch's version, the number of threads.
std::map<std::string, std::string> machine(const TrainConfig& config);

/// The samples of each step of an epoch: shuffled by (seed, epoch), spread evenly. Unless `batch` is 1 no step is left with a single one: an odd
/// number of samples in twos ends in a three.
std::vector<std::vector<std::size_t>> batches_of(std::size_t samples, int batch, uint64_t seed, uint64_t epoch);

}  // namespace graft::train
