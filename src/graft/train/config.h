// How a network is trained, as far as the user may say.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "graft/base/config.h"
#include "graft/transfer/schedule.h"

namespace graft::train {

enum class OptimiserKind { sgd, adam, adamw, rmsprop };
enum class Storage { float32, bf16 };
enum class LossKind { cross_entropy, focal, poly };
/// What is done about classes of different size, in training alone.
enum class Imbalance {
  automatic,  // whoever knows the classes decides
  none,
  weights,           // every class counts the same
  effective,         // by the effective number of its images
  balanced_softmax,  // logit adjustment
  sampling,          // every class as often in an epoch
};
/// How a network that learns labelled photos (the source) is made to suit photos without labels (the target), a file each in terms/.
enum class Adaptation {
  none,
  deep_coral,  // the covariances of both domains' features come together
  dan,         // their means come together, as several kernels see them
  mcc,         // the target's photos are told apart clearly
  shot,        // so are they, without any photo of the source: the network is given, its classifier stays
  dann,        // no other network can tell the domains apart by the features
  cdan,        // nor by features and answers together; clear answers count more (CDAN+E)
  confusion,   // as dann, by another game
};
/// "deep-coral".
std::string_view to_string(Adaptation adaptation);

/// Whose weights become the model.
enum class Keep {
  last,  // the last epoch's
  best,  // the best epoch's by stop_metric: chosen on the validation samples, on which its numbers then flatter it
};

struct TrainConfig {
  int epochs = 10;
  int batch = 32;
  int accumulate = 1;  // steps whose gradients make one update; batch norm sees each step's images alone
  OptimiserKind optimiser = OptimiserKind::sgd;
  double lr = 0.01;
  double momentum = 0.9;  // of sgd (Nesterov's) and rmsprop; Adam's first moment
  transfer::Schedule schedule;
  LossKind loss = LossKind::cross_entropy;
  double focal_gamma = 2, poly_epsilon = 2;
  Imbalance imbalance = Imbalance::none;
  double effective_beta = 0.999;  // of Imbalance::effective
  double logit_adjustment = 1;    // of Imbalance::balanced_softmax
  double label_smoothing = 0;
  /// Where the samples have a teacher's logits.
  double distill_temperature = 2, distill_weight = 0.5;
  double mixup = 0, cutmix = 0;         // alpha of the Beta that shares are drawn from; 0: none
  double l2_sp = 0;                     // pull of what is below the head towards where it began, in place of weight decay; 0: none
  double bss = 0;                       // batch spectral shrinkage of the head's input; 0: none
  double delta = 0;                     // pull of the last stages' outputs towards those of the network it began with; 0: none
  double co_tuning = 0;                 // weight of the source head's loss, where the samples have a relation to its classes; 0: none
  Adaptation adapt = Adaptation::none;  // of whoever has the target's photos
  double trade_off = 1;                 // what its loss is multiplied by
  double mcc_temperature = 2.5;         // of Adaptation::mcc: of the softmax
  double pseudo_label_weight = 0.3;     // of Adaptation::shot: what the loss by the labels that the network gave itself is multiplied by
  double stoch_norm = 0;                // of each channel of a live batch norm the probability to go by the running statistics; 0: none
  /// Of whoever makes the graph: in it (graph::with_dropout, with_stochastic_depth) when it comes to training. Empty: as the network has them.
  std::optional<double> dropout, stochastic_depth;
  double group_step = 0.01;  // where the samples have groups: how fast those with large losses come to count more
  double clip = 0;           // largest norm of all gradients together; 0: none
  double ema = 0;            // decay of an average of the weights, which is then what is validated and kept; 0: none
  double swa = 0;            // part of the epochs, the last ones, whose weights are averaged in the end; 0: none
  double wise = 1;           // in the end, below the head, so much of the weights is the trained ones and the rest those it began with
  double sam = 0;            // distance of the weights at which gradients are taken; 0: none
  int soup = 0;              // best epochs whose weights are averaged in the end, as far as validation gets no worse; 0: none
  int repeated = 1;          // times that a photo comes in an epoch, of which each sees as large a part
  Keep keep = Keep::last;
  std::string stop_metric = "val-loss";  // what tells the better of two epochs: "val-loss", "val-accuracy", or a score of the task (eval/scores.h)
  int patience = 0;                      // epochs without a better one after which training stops; 0: never
  double min_delta = 0;                  // by how much an epoch must be better to count for `patience` and for the schedule plateau
  int precise_batch_norm = 0;            // batches over which live statistics are measured again in the end; 0: none
  uint64_t seed = 0;
  Storage storage = Storage::float32;
  int threads = 1;
  std::filesystem::path
      conv_algorithms;  // folder that remembers the faster algorithm of each convolution (conv_algorithms.h); empty: nothing is measured
  double checkpoint_minutes = 10;

  /// stop_metric by the score's name: "val-loss" is "log-loss" and "val-accuracy" is "accuracy".
  std::string stop_score() const;

  /// Whether an unlabelled stream of the target's is needed.
  bool needs_target() const { return adapt != Adaptation::none && adapt != Adaptation::shot; }

  bool keeps_best() const { return keep == Keep::best || patience > 0; }

  /// Of distillation: beside the option that names the teacher.
  void distill_fields(FieldList& v);
  /// Of adaptation: beside the option that names the target, from which `adapt` follows.
  void adapt_fields(FieldList& v);

  void fields(FieldList& v);
};

}  // namespace graft::train
