// How a network is trained, as far as the user may say.
#pragma once

#include <cstdint>

#include "graft/base/config.h"
#include "graft/transfer/schedule.h"

namespace graft::train {

enum class OptimiserKind { sgd, adam, adamw, rmsprop };
enum class Storage { float32, bf16 };

struct TrainConfig {
  int epochs = 10;
  int batch = 32;
  OptimiserKind optimiser = OptimiserKind::sgd;
  double lr = 0.01;
  double momentum = 0.9;  // of sgd (Nesterov's) and rmsprop; Adam's first moment
  transfer::Schedule schedule;
  double label_smoothing = 0;
  double clip = 0;   // largest norm of all gradients together; 0: none
  double ema = 0;    // decay of an average of the weights, which is then what is validated and kept; 0: none
  int patience = 0;  // epochs without a better validation loss after which training stops; 0: never
  uint64_t seed = 0;
  Storage storage = Storage::float32;
  int threads = 1;
  double checkpoint_minutes = 10;

  template <class Visitor>
  void fields(Visitor& v) {
    v.group("Training");
    v("epochs", epochs, "passes over the training images", between(1, 100000));
    v("batch", batch, "images a step", between(1, 65536));
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
    v("patience", patience, "epochs without a better validation loss after which training stops; 0: never", at_least(0));
    v("checkpoint-minutes", checkpoint_minutes, "minutes between checkpoints, besides one an epoch", above(0));
  }
};

}  // namespace graft::train
