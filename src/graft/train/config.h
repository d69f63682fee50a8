// How a network is trained, as far as the user may say.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "graft/base/config.h"
#include "graft/transfer/schedule.h"

namespace graft::train {

enum class OptimiserKind { sgd, adam, adamw, rmsprop };
enum class Storage { float32, bf16 };
enum class LossKind { cross_entropy, focal };
/// What is done about classes of different size, in training alone.
enum class Imbalance {
  automatic,  // whoever knows the classes decides
  none,
  weights,           // every class counts the same
  effective,         // by the effective number of its images
  balanced_softmax,  // logit adjustment
  sampling,          // every class as often in an epoch
};
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
  LossKind loss = LossKind::cross_entropy;
  double focal_gamma = 2;
  Imbalance imbalance = Imbalance::none;
  double effective_beta = 0.999;  // of Imbalance::effective
  double logit_adjustment = 1;    // of Imbalance::balanced_softmax
  double label_smoothing = 0;
  /// Where the samples have a teacher's logits.
  double distill_temperature = 2, distill_weight = 0.5;
  double mixup = 0, cutmix = 0;  // alpha of the Beta that shares are drawn from; 0: none
  double l2_sp = 0;              // pull of what is below the head towards where it began, in place of weight decay; 0: none
  double bss = 0;                // batch spectral shrinkage of the head's input; 0: none
  double delta = 0;              // pull of the last stages' outputs towards those of the network it began with; 0: none
  double co_tuning = 0;          // weight of the source head's loss, where the samples have a relation to its classes; 0: none
  double stoch_norm = 0;         // of each channel of a live batch norm the probability to go by the running statistics; 0: none
  /// Of whoever makes the graph: in it (graph::with_dropout, with_stochastic_depth) when it comes to training. Empty: as the network has them.
  std::optional<double> dropout, stochastic_depth;
  double clip = 0;   // largest norm of all gradients together; 0: none
  double ema = 0;    // decay of an average of the weights, which is then what is validated and kept; 0: none
  double swa = 0;    // part of the epochs, the last ones, whose weights are averaged in the end; 0: none
  double wise = 1;   // in the end, below the head, so much of the weights is the trained ones and the rest those it began with
  double sam = 0;    // distance of the weights at which gradients are taken; 0: none
  int soup = 0;      // best epochs whose weights are averaged in the end, as far as validation gets no worse; 0: none
  int repeated = 1;  // times that a photo comes in an epoch, of which each sees as large a part
  Keep keep = Keep::last;
  StopMetric stop_metric = StopMetric::val_loss;
  int patience = 0;            // epochs without a better one after which training stops; 0: never
  double min_delta = 0;        // by how much an epoch must be better to count for `patience` and for the schedule plateau
  int precise_batch_norm = 0;  // batches over which live statistics are measured again in the end; 0: none
  uint64_t seed = 0;
  Storage storage = Storage::float32;
  int threads = 1;
  std::filesystem::path ways;  // folder that remembers how convolutions are computed best (ways.h); empty: nothing is measured
  double checkpoint_minutes = 10;

  bool keeps_best() const { return keep == Keep::best || patience > 0; }

  /// Of distillation: beside the option that names the teacher.
  template <class Visitor>
  void distill_fields(Visitor& v) {
    v("distill-temperature", distill_temperature, "temperature of both networks' softmax: a higher one shows more of the small probabilities",
      between(0.1, 100));
    v("distill-weight", distill_weight, "share of the teacher in the loss; the labels have the rest", between(0, 1));
  }

  template <class Visitor>
  void fields(Visitor& v) {
    v.group("Training");
    v("epochs", epochs, "passes over the training images", between(1, 100000), OneLine{"passes over the training photos"});
    v("batch", batch, "images per step", between(1, 65536), OneLine{"photos per step"});
    v("accumulate", accumulate, "steps per update of the weights, as if the batch were that many times larger", between(1, 65536));
    v("optimiser", optimiser,
      "sgd has Nesterov momentum; unless it is given, partial, full and gradual use adamw with a learning rate of 0.001, ten times that for the new "
      "layer, one-cycle, weight decay 0.01 and label smoothing 0.1",
      names<OptimiserKind>{{"sgd", OptimiserKind::sgd},
                           {"adam", OptimiserKind::adam},
                           {"adamw", OptimiserKind::adamw},
                           {"rmsprop", OptimiserKind::rmsprop}});
    v("lr", lr, "peak learning rate", above(0), OneLine{"peak learning rate"},
      DefaultText{"0.001; with your own --optimiser and live batch norm 0.01"});
    v("momentum", momentum, "momentum of sgd and rmsprop; beta1 of adam and adamw", between(0, 0.9999));
    schedule.fields(v);
    v.group("Loss");
    v("loss", loss, "focal: samples that are almost right count less",
      names<LossKind>{{"cross-entropy", LossKind::cross_entropy}, {"focal", LossKind::focal}});
    v("focal-gamma", focal_gamma, "how much less: by (1 - probability) to this power", between(0, 10));
    v("imbalance", imbalance,
      "for classes of very different size: weights, the same for every class, or by its effective number of images; balanced-softmax, with the "
      "classes' shares in the logits while training; sampling, every class as often; auto: by the sizes",
      names<Imbalance>{{"auto", Imbalance::automatic},
                       {"none", Imbalance::none},
                       {"weights", Imbalance::weights},
                       {"effective", Imbalance::effective},
                       {"balanced-softmax", Imbalance::balanced_softmax},
                       {"sampling", Imbalance::sampling}},
      OneLine{"for classes of very different size; auto chooses a remedy"});
    v("effective-beta", effective_beta, "of --imbalance effective: 0 is none, 1 weights", between(0.01, 0.999999));
    v("logit-adjustment", logit_adjustment, "of --imbalance balanced-softmax: times the logarithm of a class's share; 1 for balanced accuracy",
      between(0, 10));
    v.group("Regularisation");
    v("label-smoothing", label_smoothing, "fraction of each label that is spread evenly over all classes", between(0, 0.9));
    v("mixup", mixup, "mix two photos and their labels in random shares from Beta(A, A): 0.2 is usual; 0: off", between(0, 100), Placeholder{"A"});
    v("cutmix", cutmix, "paste a random box of one photo into another and mix their labels by area: 1 is usual; 0: off", between(0, 100),
      Placeholder{"A"});
    v("l2-sp", l2_sp, "pull the weights below the new layer towards the pretrained ones, instead of weight decay: 0.01 is usual; 0: off",
      at_least(0));
    v("bss", bss, "batch spectral shrinkage: a penalty on the smallest singular value of a batch's features: 0.001 is usual; 0: off", at_least(0));
    v("delta", delta, "DELTA: keep the last stages' feature maps of a photo close to those of the pretrained network, every channel alike; 0: off",
      at_least(0), Placeholder{"S"});
    v("co-tuning", co_tuning,
      "Co-Tuning: weight of the loss of the pretrained network's own classifier, which goes on learning those of its classes that match yours: 2.3 "
      "is usual; 0: off",
      at_least(0), Placeholder{"S"});
    v("stoch-norm", stoch_norm,
      "StochNorm: where batch norm is live, probability that a channel uses the running statistics in a step: 0.5 is usual; 0: off", between(0, 1),
      Placeholder{"P"});
    v("dropout", dropout,
      "fraction of the features set to 0 before the new layer while training, and between the layers of a classifier with several: 0.2 is usual; "
      "auto: as the network has it",
      between(0, 0.99), Placeholder{"P"});
    v("stochastic-depth", stochastic_depth,
      "skip residual branches at random while training, each for whole images, the last with this probability, earlier ones less: 0.2 is usual; "
      "auto: none",
      between(0, 0.99), Placeholder{"P"});
    v("clip", clip, "largest norm of the gradient of all weights together; 0: no clipping", at_least(0));
    v("ema", ema, "decay of an exponential average of the weights, which is validated and kept instead of them; 0: off", between(0, 0.99999));
    v("swa", swa, "average the weights over this last fraction of the epochs; 0: off", between(0, 1), Placeholder{"FRACTION"});
    v("wise", wise, "at the end, interpolate the weights below the new layer between the pretrained (0) and the trained ones (1)", between(0, 1),
      Placeholder{"ALPHA"});
    v("sam", sam,
      "sharpness-aware minimisation: take gradients where the loss is highest at this distance, for twice the work: 0.05 is usual; 0: off",
      at_least(0), Placeholder{"RHO"});
    v("soup", soup,
      "average the weights of up to this many best epochs at the end, as long as validation gets no worse; each is kept in memory; 0: off",
      between(0, 100), Placeholder{"K"});
    v("repeated", repeated,
      "show each sampled photo this many times per epoch, in different views; an epoch stays as long and sees that much less of the photos: 3 is "
      "usual",
      between(1, 100), Placeholder{"N"});
    v.group("Stopping");
    v("keep", keep, "weights of the last epoch, or of the best one on the validation images (which then flatter it); best with --patience",
      names<Keep>{{"last", Keep::last}, {"best", Keep::best}});
    v("stop-metric", stop_metric, "metric that tells the best epoch",
      names<StopMetric>{{"val-loss", StopMetric::val_loss}, {"val-accuracy", StopMetric::val_accuracy}});
    v("patience", patience, "epochs without improvement after which training stops; 0: never", at_least(0));
    v("min-delta", min_delta, "smallest change that counts as an improvement", at_least(0));
    v("precise-batch-norm", precise_batch_norm, "training batches on which the statistics of live batch norm are measured again at the end; 0: none",
      between(0, 100000));
    v("checkpoint-minutes", checkpoint_minutes, "minutes between checkpoints, besides one an epoch", above(0));
  }
};

}  // namespace graft::train
