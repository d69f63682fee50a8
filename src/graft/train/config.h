// The training options that a user can set.
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
/// How classes of different sizes are compensated for, in training only.
enum class Imbalance {
  automatic,  // decided by the caller, which knows the class sizes
  none,
  weights,           // loss weights with which all classes count equally
  effective,         // loss weights by the effective number of images of a class
  balanced_softmax,  // logit adjustment
  sampling,          // every class is drawn equally often in an epoch
};
/// Unsupervised domain adaptation: how a network that learns from labeled photos (the source) is adapted to photos without labels (the target).
/// Each method has a file in terms/.
enum class Adaptation {
  none,
  deep_coral,  // aligns the covariances of the two domains' features
  dan,         // aligns their means under several kernels (maximum mean discrepancy)
  mcc,         // minimizes the confusion between classes on the target's photos
  shot,        // needs no photos of the source: adapts a trained network to the target with its classifier frozen
  dann,        // adversarial: a discriminator must be unable to tell the domains apart by the features
  cdan,        // likewise by features and predictions together; confident predictions count more (CDAN+E)
  confusion,   // as dann, with another adversarial objective
};
/// "deep-coral".
std::string_view to_string(Adaptation adaptation);

/// Which epoch's weights become the model.
enum class Keep {
  last,  // the last epoch's
  best,  // the best epoch's by stop_metric: chosen on the validation samples, so its scores on them are biased upwards
};

struct TrainConfig {
  int epochs = 10;
  int batch = 32;
  int accumulate = 1;  // steps whose gradients are added up for one update; batch norm sees the images of one step only
  OptimiserKind optimiser = OptimiserKind::sgd;
  double lr = 0.01;
  double momentum = 0.9;  // of sgd (Nesterov's) and rmsprop; decay of Adam's first moment
  transfer::Schedule schedule;
  LossKind loss = LossKind::cross_entropy;
  double focal_gamma = 2, poly_epsilon = 2;
  Imbalance imbalance = Imbalance::none;
  double effective_beta = 0.999;  // of Imbalance::effective
  double logit_adjustment = 1;    // of Imbalance::balanced_softmax
  double label_smoothing = 0;
  /// Used if the samples have a teacher's logits.
  double distill_temperature = 2, distill_weight = 0.5;
  double mixup = 0, cutmix = 0;         // alpha of the Beta distribution that mixing ratios are drawn from; 0: off
  double l2_sp = 0;                     // pull of the backbone's weights towards their initial values, in place of weight decay; 0: off
  double bss = 0;                       // batch spectral shrinkage of the head's input; 0: off
  double delta = 0;                     // pull of the last stages' outputs towards those of the initial network; 0: off
  double co_tuning = 0;                 // weight of the source head's loss, if the samples have a relation to its classes; 0: off
  Adaptation adapt = Adaptation::none;  // set by the caller that has the target's photos
  double trade_off = 1;                 // weight of the adaptation loss
  double mcc_temperature = 2.5;         // of the softmax of Adaptation::mcc
  double diversity = 1;                 // of Adaptation::shot: weight of the entropy of the mean prediction
  double pseudo_label_weight = 0.3;     // of Adaptation::shot: weight of the loss on the labels that the network gave itself
  bool fixmatch = false;                // set by the caller that has unlabeled photos, in two views
  double unlabeled_weight = 1;          // of the loss on unlabeled photos
  double sure = 0.95;                   // probability from which an answer for an unlabeled photo is learned from
  bool sure_by_class = true;            // less for classes with few sure answers (FlexMatch)
  int unlabeled_ratio = 2;              // unlabeled photos per labeled one
  double stoch_norm = 0;                // probability, per channel of a live batch norm, of normalizing by the running statistics; 0: off
  /// Applied by the caller when it makes the graph (graph::with_dropout, with_stochastic_depth); train() sees the result only. Empty: the network's.
  std::optional<double> dropout, stochastic_depth;
  double group_step = 0.01;  // if the samples have groups: step size with which groups with a large loss gain weight
  double clip = 0;           // maximum norm of all gradients together; 0: no clipping
  double ema = 0;            // decay of a moving average of the weights, which is then what is validated and kept; 0: off
  double swa = 0;            // fraction of the epochs, the last ones, whose weights are averaged at the end; 0: off
  double wise = 1;           // at the end, share of the trained weights when the backbone is interpolated with its initial weights
  double sam = 0;            // sharpness-aware minimization: distance from the weights at which gradients are taken; 0: off
  int soup = 0;              // number of best epochs whose weights are averaged at the end, as long as validation gets no worse; 0: off
  int repeated = 1;          // repeated augmentation: how often a photo comes in an epoch, which then has only 1/repeated of the photos
  Keep keep = Keep::last;
  std::string stop_metric = "val-loss";  // how epochs are compared: "val-loss", "val-accuracy", or a score of the task (eval/scores.h)
  int patience = 0;                      // early stopping after so many epochs without a better one; 0: never
  double min_delta = 0;                  // improvement that an epoch needs to count as better for `patience` and the plateau schedule
  int precise_batch_norm = 0;            // batches on which the statistics of live batch norms are measured again at the end; 0: off
  uint64_t seed = 0;
  Storage storage = Storage::float32;
  int threads = 1;
  std::filesystem::path
      conv_algorithms;  // folder that caches the faster algorithm of each convolution (conv_algorithms.h); empty: nothing is measured
  double checkpoint_minutes = 10;

  /// stop_metric as the name of a score: "log-loss" for "val-loss" and "accuracy" for "val-accuracy".
  std::string stop_score() const;

  /// Whether a stream of unlabeled target samples is needed.
  bool needs_target() const { return adapt != Adaptation::none && adapt != Adaptation::shot; }

  /// Streams of unlabeled samples that a step sees, and how many samples of each it sees per labeled sample.
  std::size_t streams() const { return fixmatch ? 2 : needs_target() ? 1 : 0; }
  int per_labeled() const { return fixmatch ? unlabeled_ratio : 1; }

  bool keeps_best() const { return keep == Keep::best || patience > 0; }

  /// The options of distillation, listed next to the option that names the teacher.
  void distill_fields(FieldList& v);
  /// The options of adaptation, listed next to the option that names the target, from which `adapt` follows.
  void adapt_fields(FieldList& v);

  /// The options of learning from unlabeled photos, listed next to the option that names these.
  void unlabeled_fields(FieldList& v);

  void fields(FieldList& v);
};

}  // namespace graft::train
