// Trains a Graph on samples: the training loop. The last step of a parameter's journey.
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

/// Co-Tuning (You et al. 2020): p(class of the source | class). The graph then has the source's head, too (transfer/co_tuning.h).
struct Relation {
  std::size_t classes = 0;         // number of classes of the source
  std::vector<float> shares = {};  // (classes, classes of the source); rows sum to 1
};

/// Writes the inputs of the samples `which` in this epoch: (which, input), row-major, pictures with channels last and normalized. Must depend on its
/// arguments only, or a resumed run would differ from an uninterrupted one.
using Fill = std::function<void(uint64_t epoch, std::span<const std::size_t> which, std::span<float> out)>;

struct Samples {
  std::vector<int> labels;  // unused for MultiLabel
  /// A sample that is drawn several times in an epoch has its own number the first time, then number + labels.size() and so on: each copy should be a
  /// different view.
  Fill fill;
  std::vector<float> teacher = {};  // (samples, classes): the teacher's logits, for distillation; empty: none
  data::Task task = {};
  std::vector<float> targets = {};   // for MultiLabel: (samples, classes), 1 for each class of a sample
  std::vector<double> weights = {};  // of each sample in the loss, with a mean of 1; empty: all equal
  Relation relation = {};            // for training samples only; classes == 0: none
  std::vector<int> groups = {};      // group of each sample, from 0, for group DRO (loop/group_weights.h); empty: none

  std::size_t number(std::size_t which) const { return which % labels.size(); }
};

/// Samples of which only the inputs are known. Each stream counts its own epochs: passes over its samples.
struct Unlabelled {
  std::size_t count = 0;
  Fill fill;
};

/// The data of a training run. A step sees a batch of the labeled samples and one of each stream of unlabeled samples. With config.adapt, the labeled
/// samples are the source's and the single stream is the target's; with Adaptation::shot there is no stream, and the "labeled" samples are the
/// target's, whose labels (any values) are never read. With config.fixmatch there are two streams of the same samples in the same order: slightly and
/// strongly changed.
struct Streams {
  Samples labelled;
  Samples val = {};  // empty labels: no validation
  std::vector<Unlabelled> unlabelled = {};
  /// With config.adapt, evaluated after each epoch and never trained on. `watched`: the target's photos; the predictions for them may decide which
  /// epoch is best (kInformation). `measured`: photos of the target with known labels, for reporting only (kTargetAccuracy). Empty: not evaluated.
  Unlabelled watched = {};
  Samples measured = {};
};

/// Names in EpochRecord::scores: eval::information_maximisation of the predictions for Streams::watched (a possible config.stop_metric), and the
/// accuracy on Streams::measured.
inline constexpr const char *kInformation = "information", *kTargetAccuracy = "target-accuracy";
/// With config.fixmatch also: the part of the answers for unlabeled photos that the epoch learned from.
inline constexpr const char* kTaken = "taken";

struct EpochRecord {
  int epoch = 0;  // from 0
  double train_loss = 0, train_accuracy = 0, val_loss = 0, val_accuracy = 0, lr = 0;
  std::map<std::string, double> terms = {};   // terms of the minimized objective, means over the samples as train_loss; empty if there is only one
  std::map<std::string, double> scores = {};  // config.stop_score() on validation, unless it is a member above; and the target's scores
  bool operator==(const EpochRecord&) const = default;
};

/// Minimum age of the last checkpoint before the end of an epoch writes a new one, so that saving does not slow down short epochs.
inline constexpr double kEpochCheckpointSeconds = 20;

struct Hooks {
  std::function<void(const EpochRecord&)> observe = {};                    // after every epoch
  std::function<void(int epoch, const graph::Graph& graph)> weights = {};  // before observe(): the graph as validated (or as it would be)
  std::function<void(int epoch, std::size_t step, std::size_t steps)> progress = {};
  std::function<bool()> stop = {};                                     // called after every step; if true, train() saves and throws Interrupted
  std::filesystem::path checkpoint = {};                               // file; empty: no checkpoints. The one before it is kept as NAME.previous
  std::map<std::string, std::string> identity = {};                    // what must match for a checkpoint to be resumed: data, options, machine()
  std::function<void(const std::vector<OperatorTime>&)> profile = {};  // at the end: time per operator of the steps in this process
  bool accept = false;                                                 // resume although `identity` differs; the next checkpoint has the new one
};

struct TrainResult {
  graph::Graph graph;  // with the weights of the last epoch, or of the best one if config.keeps_best() and there are validation samples
  std::vector<EpochRecord> history;
  int kept_epoch = 0;
  bool stopped_early = false;
  std::vector<double> group_weights = {};  // final weights of the groups, if the samples have groups
  std::vector<float> val_logits;           // (val, classes), of exactly these weights, if this process validated them; else empty
};

/// Trains what `plan` says. Resumes from hooks.checkpoint if that file exists: on the same machine, the result is the same, byte for byte, as if
/// training had never stopped. Parameters and statistics that do not train are returned unchanged.
///
/// Checkpoints are written at an epoch's end (see kEpochCheckpointSeconds), every config.checkpoint_minutes, and on a stop; never of weights that are
/// not finite.
/// Errors: those of check() in checks.h; a checkpoint of another run (names what differs), or a damaged or edited one; a loss that is not finite or
/// absurdly large (names the step, what to try, and the time of the last checkpoint). Interrupted after a stop, with the checkpoint on disk.
TrainResult train(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Streams& streams, const Hooks& hooks = {});

/// What else a result depends on, for Hooks::identity: the kernels' instruction set, the version of libtorch, the number of threads.
std::map<std::string, std::string> machine(const TrainConfig& config);

/// The samples of each step of an epoch: shuffled by (seed, epoch) and spread evenly over the steps. Unless `batch` is 1, no step has a single
/// sample: with batch 2, an odd number of samples ends with a batch of three.
std::vector<std::vector<std::size_t>> batches_of(std::size_t samples, int batch, uint64_t seed, uint64_t epoch);

}  // namespace graft::train
