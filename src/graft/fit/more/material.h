// The material of a training: the part of the network that trains, and its input.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/data/dataset.h"
#include "graft/fit/head/photo_views.h"
#include "graft/fit/job/config.h"
#include "graft/fit/more/activations.h"
#include "graft/train/train.h"
#include "graft/transfer/plan.h"

namespace graft::fit {

struct Training {
  const graph::Graph& network;  // with its new head
  const data::Preprocess& preprocess;
  const std::vector<data::Sample>&train, &val;  // photos that can be read
  data::Task task;
  engine::Precision precision;                                  // of the engine, and in which pictures are stored during training
  std::function<void(const train::EpochRecord&)> observe = {};  // after every epoch
  const graph::Graph* source = nullptr;                         // as loaded, with its own classifier
  std::function<bool()> stop = {};                              // checked after every step, like Ctrl-C
  std::vector<int> groups = {};                                 // of the training photos: with --balance-groups dro
  train::Adaptation adapt = train::Adaptation::none;            // to `target`; of shot, `train` is the target
  const std::vector<data::Sample>*target = nullptr,
        *target_test = nullptr;                          // of an adaptation: their answers are wanted; labels of `target` have no meaning
  const std::vector<data::Sample>* unlabeled = nullptr;  // of --semi fixmatch: their answers are wanted, too; labels have no meaning
  const char* state = "state";                           // name of the checkpoint: a run may have several trainings
};

/// The network as it trains, with --dropout and --stochastic-depth. Errors as those walks.
graph::Graph in_training(const graph::Graph& network, const train::TrainConfig& config);

/// The network in_training(), with --co-tuning also with the source's head. If the views of
/// a photo are computed once (--views), it is cut below the lowest stage that ever trains.
struct Cut {
  graph::Graph trained;
  std::optional<graph::Graph> frozen;  // its output has channels last, as training needs it
  std::size_t views = 0;               // of a training photo
};
/// Error (usage) for options that are impossible with it (train::check_mix).
Cut cut(const FitConfig& config, const transfer::Plan& plan, const Training& training);

/// What FixMatch changes strongly: the chance of the training photos, with RandAugment unless a policy is asked for, and a rectangle erased in every view.
data::Augment strongly_changed(const FitConfig& config);

/// The user's training options, with the seed, the threads and the folder of measured algorithms.
train::TrainConfig options_here(const FitConfig& config);

/// The options of the actual training.
train::TrainConfig options_of(const FitConfig& config, const Training& training);

/// Some of the photos as training requests them: from a file if the frozen part was computed before, otherwise drawn anew.
class SampleStream {
 public:
  SampleStream(const std::vector<data::Sample>& samples, const Training& training, const data::Augment& augment, uint64_t seed, ThreadPool& pool);

  /// From now on gives the output of `frozen` for `views` views of each photo, computed now unless `file`
  /// exists. `advance` is called with the number of photos just done. Errors as Activations::store.
  void compute(const graph::Graph& frozen, std::size_t views, const std::filesystem::path& file, const Training& training, int threads,
               const std::function<void(std::size_t)>& advance);

  /// Must not outlive this.
  train::Samples samples() const;

 private:
  data::Task task_;
  std::vector<int> labels_;
  std::vector<float> targets_;  // as data::targets_of
  PhotoViews photos_;
  std::unique_ptr<Activations> activations_;
  std::size_t views_ = 0;
};

/// The time of the frozen part for one view, measured on a few of the photos.
double seconds_per_view(const graph::Graph& frozen, std::size_t views, const Training& training, const FitConfig& config, ThreadPool& pool);

}  // namespace graft::fit
