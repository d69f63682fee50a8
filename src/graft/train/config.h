// How a network is trained, as far as the user may say.
#pragma once

#include <cstdint>

#include "graft/base/config.h"
#include "graft/transfer/schedule.h"

namespace graft::train {

enum class OptimiserKind { sgd, adam, adamw, rmsprop };
enum class Storage { float32, bf16 };
/// Whose weights become the model.
enum class Keep {
  last,  // the last epoch's
  best,  // the best epoch's by stop_metric: chosen on the validation samples, on which its numbers then flatter it
};

/// What tells the better of two epochs.
enum class StopMetric { val_loss, val_accuracy };

struct TrainConfig {
  int epochs = 10;
  int batch = 32;
  int accumulate = 1;  // steps whose gradients make one update; batch norm sees each step's images alone
  OptimiserKind optimiser = OptimiserKind::sgd;
  double lr = 0.01;
  double momentum = 0.9;  // of sgd (Nesterov's) and rmsprop; Adam's first moment
  transfer::Schedule schedule;
  double label_smoothing = 0;
  double clip = 0;  // largest norm of all gradients together; 0: none
  double ema = 0;   // decay of an average of the weights, which is then what is validated and kept; 0: none
  Keep keep = Keep::last;
  StopMetric stop_metric = StopMetric::val_loss;
  int patience = 0;            // epochs without a better one after which training stops; 0: never
  double min_delta = 0;        // by how much an epoch must be better to count for `patience` and for the schedule plateau
  int precise_batch_norm = 0;  // batches over which live statistics are measured again in the end; 0: none
  uint64_t seed = 0;
  Storage storage = Storage::float32;
  int threads = 1;
  double checkpoint_minutes = 10;

  bool keeps_best() const { return keep == Keep::best || patience > 0; }

  template <class Visitor>
  void fields(Visitor& v) {
    v.group("Training");
    v("epochs", epochs, "passes over the training images", between(1, 100000));
    v("batch", batch, "images a step", between(1, 65536));
    v("accumulate", accumulate, "steps that make one update of the weights, as if the batch were so many times larger", between(1, 65536));
    v("optimiser", optimiser, "sgd is Nesterov's",
      names<OptimiserKind>{{"sgd", OptimiserKind::sgd},
                           {"adam", OptimiserKind::adam},
                           {"adamw", OptimiserKind::adamw},
                           {"rmsprop", OptimiserKind::rmsprop}});
    v("lr", lr, "learning rate at its highest", above(0));
    v("momentum", momentum, "of sgd and rmsprop; Adam's first moment", between(0, 0.9999));
    schedule.fields(v);
    v.group("Regularisation");
    v("label-smoothing", label_smoothing, "part of a label given to all classes alike", between(0, 0.9));
    v("clip", clip, "largest norm of all gradients together; 0: none", at_least(0));
    v("ema", ema, "decay of an average of the weights that is validated and kept in their place; 0: none", between(0, 0.99999));
    v.group("Stopping");
    v("keep", keep, "weights of the last epoch, or of the best one on the validation images (which then flatter it); best with --patience",
      names<Keep>{{"last", Keep::last}, {"best", Keep::best}});
    v("stop-metric", stop_metric, "what tells the best epoch",
      names<StopMetric>{{"val-loss", StopMetric::val_loss}, {"val-accuracy", StopMetric::val_accuracy}});
    v("patience", patience, "epochs without a better one after which training stops; 0: never", at_least(0));
    v("min-delta", min_delta, "by how much an epoch must be better to count", at_least(0));
    v("precise-batch-norm", precise_batch_norm, "training batches over which live batch norm is measured again at the end; 0: none",
      between(0, 100000));
    v("checkpoint-minutes", checkpoint_minutes, "minutes between checkpoints, besides one an epoch", above(0));
  }
};

}  // namespace graft::train
