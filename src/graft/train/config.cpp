#include "graft/train/config.h"

#include "graft/eval/scores.h"
#include "graft/train/train.h"

namespace graft::train {
namespace {

std::vector<std::string> stop_metrics() {
  std::vector<std::string> names{"val-loss", "val-accuracy"};
  for (std::string& score : eval::score_names()) names.push_back(std::move(score));
  names.emplace_back(kInformation);
  return names;
}

}  // namespace

std::string_view to_string(Adaptation adaptation) {
  constexpr std::string_view kNames[] = {"none", "deep-coral", "dan", "mcc", "shot", "dann", "cdan", "confusion"};
  return kNames[static_cast<std::size_t>(adaptation)];
}

std::string TrainConfig::stop_score() const {
  if (stop_metric == "val-loss") return "log-loss";
  return stop_metric == "val-accuracy" ? "accuracy" : stop_metric;
}

void TrainConfig::distill_fields(FieldList& v) {
  v("distill-temperature", distill_temperature, "temperature of both networks' softmax: a higher one shows more of the small probabilities",
    between(0.1, 100), BySteps{});
  v("distill-weight", distill_weight, "share of the teacher in the loss; the labels have the rest", between(0, 1), BySteps{});
}

void TrainConfig::adapt_fields(FieldList& v) {
  v("trade-off", trade_off, "weight of the adaptation loss; the loss on the source's labels has weight 1", at_least(0), Placeholder{"W"}, BySteps{});
  v("mcc-temperature", mcc_temperature,
    "temperature of the softmax in minimum class confusion (MCC): a higher one shows more of the small probabilities", between(0.1, 100), BySteps{});
  v("diversity", diversity,
    "weight, in SHOT's loss, of the entropy of the mean answer, which keeps all classes in use; 0 suits a target that has only some of the source's "
    "classes",
    between(0, 100), Placeholder{"W"}, DefaultText{"1; 0 unless the target is known to have all classes"}, BySteps{});
  v("pseudo-label-weight", pseudo_label_weight, "weight of SHOT's loss on the target's pseudo-labels, which are computed anew each epoch",
    between(0, 100), Placeholder{"W"}, BySteps{});
}

void TrainConfig::unlabeled_fields(FieldList& v) {
  v("unlabeled-ratio", unlabeled_ratio, "with --semi fixmatch: photos without labels per labeled photo of a step; each is seen twice", between(1, 64),
    Placeholder{"N"}, BySteps{}, OneClassOnly{});
  v("unlabeled-weight", unlabeled_weight, "with --semi fixmatch: weight of the loss on photos without labels; that on labels has weight 1",
    between(0, 100), Placeholder{"W"}, BySteps{}, OneClassOnly{});
  v("sure", sure, "with --semi fixmatch: probability from which an answer for a photo without a label is learned from", between(0.01, 1),
    Placeholder{"P"}, BySteps{}, OneClassOnly{});
  v("sure-by-class", sure_by_class,
    "with --semi fixmatch: for classes that got fewer sure answers in the epoch before, learn from less sure ones, too (FlexMatch, Zhang et al. "
    "2021); --no-sure-by-class: --sure for all",
    BySteps{}, OneClassOnly{});
}

void TrainConfig::fields(FieldList& v) {
  v.group("Training");
  v("epochs", epochs, "passes over the training photos", between(1, 100000), OneLine{"passes over the training photos"}, BySteps{});
  v("batch", batch, "photos per step", between(1, 65536), OneLine{"photos per step"}, BySteps{});
  v("accumulate", accumulate, "steps per update of the weights, as if the batch were that many times larger", between(1, 65536), BySteps{},
    Usual{"2"});
  v("optimizer", optimiser,
    "sgd has Nesterov momentum. Without this option, partial, full and gradual use adamw with a learning rate of 0.001, ten times that for a "
    "random new layer, one-cycle, weight decay 0.01 and label smoothing 0.1",
    names<OptimiserKind>{{"sgd", OptimiserKind::sgd},
                         {"adam", OptimiserKind::adam},
                         {"adamw", OptimiserKind::adamw},
                         {"rmsprop", OptimiserKind::rmsprop}},
    BySteps{});
  v("lr", lr, "peak learning rate", above(0), OneLine{"peak learning rate"}, DefaultText{"0.001; with your own --optimizer and live batch norm 0.01"},
    BySteps{});
  v("momentum", momentum, "momentum of sgd and rmsprop; beta1 of adam and adamw", between(0, 0.9999), BySteps{});
  schedule.fields(v);
  v.group("Loss");
  v("loss", loss, "focal: photos that are almost right count less; poly: PolyLoss, photos that are right count more",
    names<LossKind>{{"cross-entropy", LossKind::cross_entropy}, {"focal", LossKind::focal}, {"poly", LossKind::poly}}, BySteps{},
    Usual{"focal", "focal"});
  v("focal-gamma", focal_gamma, "exponent of --loss focal: the loss is multiplied by (1 - probability) to this power", between(0, 10), BySteps{});
  v("poly-epsilon", poly_epsilon,
    "epsilon of --loss poly: this times (1 - probability) is added to cross-entropy; below 0, photos that are right count less", between(-1, 100),
    BySteps{});
  v("imbalance", imbalance,
    "remedy for classes of very different size: weights gives every class the same total weight; effective weights it by its effective number of "
    "photos; balanced-softmax adds the classes' shares to the logits during training; sampling draws every class equally often; auto: chosen by the "
    "sizes",
    names<Imbalance>{{"auto", Imbalance::automatic},
                     {"none", Imbalance::none},
                     {"weights", Imbalance::weights},
                     {"effective", Imbalance::effective},
                     {"balanced-softmax", Imbalance::balanced_softmax},
                     {"sampling", Imbalance::sampling}},
    OneLine{"for classes of very different size; auto chooses a remedy"}, BySteps{{"balanced-softmax", "sampling"}},
    OneClassOnly{{"effective", "balanced-softmax", "sampling"},
                 "choose --imbalance weights, by which positives and negatives of a class count the same, or none"},
    Usual{"auto"});
  v("effective-beta", effective_beta, "beta of --imbalance effective: 0 is the same as none, 1 the same as weights", between(0.01, 0.999999));
  v("logit-adjustment", logit_adjustment,
    "tau of --imbalance balanced-softmax, the factor of the logarithm of a class's share; 1 suits balanced accuracy", between(0, 10), BySteps{});
  v.group("Regularisation");
  v("label-smoothing", label_smoothing, "fraction of each label that is spread evenly over all classes", between(0, 0.9), BySteps{}, Usual{"0.1"});
  v("mixup", mixup, "mix two photos and their labels in random shares from Beta(A, A): 0.2 is usual; 0: off", between(0, 100), Placeholder{"A"},
    BySteps{}, OneClassOnly{}, Usual{"0.2"});
  v("cutmix", cutmix, "paste a random box of one photo into another and mix their labels by area: 1 is usual; 0: off", between(0, 100),
    Placeholder{"A"}, BySteps{}, OneClassOnly{}, Usual{"1"});
  v("l2-sp", l2_sp, "pull the weights below the new layer towards the pretrained ones, instead of weight decay: 0.01 is usual; 0: off", at_least(0),
    BySteps{}, NeedsSource{}, Usual{"0.01"});
  v("bss", bss, "batch spectral shrinkage: a penalty on the smallest singular value of a batch's features: 0.001 is usual; 0: off", at_least(0),
    BySteps{}, Usual{"0.001"});
  v("delta", delta,
    "DELTA: keep the last stages' feature maps of a photo close to those of the pretrained network, all channels weighted equally; 0: off",
    at_least(0), Placeholder{"S"}, BySteps{}, NeedsSource{}, Usual{"0.5"});
  v("co-tuning", co_tuning,
    "Co-Tuning: weight of the loss of the pretrained network's own classifier, which keeps learning those of its classes that match yours: 2.3 is "
    "usual; 0: off",
    at_least(0), Placeholder{"S"}, BySteps{}, OneClassOnly{}, NeedsSource{}, Usual{"2.3"});
  v("stoch-norm", stoch_norm,
    "StochNorm: where batch norm is live, probability that a channel uses the running statistics in a step: 0.5 is usual; 0: off", between(0, 1),
    Placeholder{"P"}, BySteps{}, Usual{"0.5"});
  v("dropout", dropout,
    "fraction of the features set to 0 before the new layer while training, and between the layers of a classifier with several: 0.2 is usual; "
    "auto: the network's own",
    between(0, 0.99), Placeholder{"P"}, BySteps{}, Usual{"0.2"});
  v("stochastic-depth", stochastic_depth,
    "skip residual branches at random while training, photo by photo, the last branch with this probability, earlier ones less often: 0.2 is usual; "
    "auto: none",
    between(0, 0.99), Placeholder{"P"}, BySteps{}, Usual{"0.2"});
  v("group-step", group_step, "step size of --balance-groups dro: how fast groups with a large loss gain weight", above(0), Placeholder{"ETA"},
    BySteps{});
  v("clip", clip, "largest norm of the gradient of all weights together; 0: no clipping", at_least(0), BySteps{}, Usual{"1"});
  v("ema", ema, "decay of an exponential average of the weights, which is validated and kept instead of them; 0: off", between(0, 0.99999), BySteps{},
    Usual{"0.99"});
  v("swa", swa, "average the weights over this last fraction of the epochs; 0: off", between(0, 1), Placeholder{"FRACTION"}, BySteps{},
    Usual{"0.25"});
  v("wise", wise, "at the end, interpolate the weights below the new layer between the pretrained (0) and the trained ones (1)", between(0, 1),
    Placeholder{"ALPHA"}, BySteps{}, NeedsSource{}, Usual{"0.5"});
  v("sam", sam, "sharpness-aware minimization: take gradients where the loss is highest at this distance, for twice the work: 0.05 is usual; 0: off",
    at_least(0), Placeholder{"RHO"}, BySteps{}, Usual{"0.05"});
  v("soup", soup,
    "average the weights of up to this many best epochs at the end, as long as validation gets no worse; each is kept in memory; 0: off",
    between(0, 100), Placeholder{"K"}, BySteps{}, Usual{"3"});
  v("repeated", repeated,
    "show each sampled photo this many times per epoch, in different views; the length of an epoch stays the same, so it covers fewer photos: 3 is "
    "usual",
    between(1, 100), Placeholder{"N"}, BySteps{}, Usual{"3"});
  v.group("Stopping");
  v("keep", keep, "weights of the last epoch, or of the best one on the validation photos (whose numbers are then optimistic); best with --patience",
    names<Keep>{{"last", Keep::last}, {"best", Keep::best}}, BySteps{});
  v("stop-metric", stop_metric,
    "score on the validation photos that decides which epoch is best: val-loss is log-loss, val-accuracy is accuracy; map (mean average precision) "
    "and micro-f1 are for photos with several classes; information is for graft adapt: how sure and how varied the answers to the target's photos "
    "are",
    one_of(stop_metrics()), BySteps{});
  v("patience", patience, "epochs without improvement after which training stops; 0: never", at_least(0), BySteps{});
  v("min-delta", min_delta, "smallest change that counts as an improvement", at_least(0), BySteps{});
  v("precise-batch-norm", precise_batch_norm, "training batches on which the statistics of live batch norm are measured again at the end; 0: none",
    between(0, 100000), BySteps{});
  v("checkpoint-minutes", checkpoint_minutes, "minutes between checkpoints, in addition to one per epoch", above(0), NoEffectOnResult{});
}

}  // namespace graft::train
