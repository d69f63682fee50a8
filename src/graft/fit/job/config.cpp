#include "graft/fit/job/config.h"

namespace graft::fit {

void FitConfig::source_fields(FieldList& v, const char* otherwise) {
  v("sources", sources,
    "choose the backbone among these, by the cross-validated log loss of a head on at most 2,000 training photos; NAME=FILE uses these weights; all: "
    "every network whose weights are here. Two of them are also tried side by side (NAME+NAME), unless you name a strategy that trains more than the "
    "head",
    Placeholder{"NAME,NAME..."}, DefaultText{otherwise}, OneLine{"choose among pretrained networks; all: those that are here"});
  v("latency", latency, "consider only sources that need no more time per photo on this machine, without reading the photo's file",
    Placeholder{"20ms"}, DefaultText{"no limit"});
  v("model-size", model_size, "consider only sources whose file is no larger", Placeholder{"20MB"}, DefaultText{"no limit"});
}

train::Adaptation AdaptOptions::training() const {
  if (!asked) return train::Adaptation::none;
  switch (method) {
    case AdaptMethod::none:
    case AdaptMethod::coral:
    case AdaptMethod::adabn:
    case AdaptMethod::cyclegan: return train::Adaptation::none;
    case AdaptMethod::automatic: return untrained ? train::Adaptation::none : alone || deep ? train::Adaptation::shot : train::Adaptation::mcc;
    case AdaptMethod::mcc: return train::Adaptation::mcc;
    case AdaptMethod::dan: return train::Adaptation::dan;
    case AdaptMethod::deep_coral: return train::Adaptation::deep_coral;
    case AdaptMethod::dann: return train::Adaptation::dann;
    case AdaptMethod::cdan: return train::Adaptation::cdan;
    case AdaptMethod::confusion: return train::Adaptation::confusion;
    case AdaptMethod::shot: return train::Adaptation::shot;
  }
  return train::Adaptation::none;
}

void AdaptOptions::fields(FieldList& v, std::filesystem::path& source) {
  v("source", source,
    "labeled photos to learn from: a folder with one folder of photos per class, or with train/ and val/ of such folders, or a CSV or TSV of "
    "path,label; without --source, the run of --from is adapted alone, by none, adabn or shot",
    Placeholder{"DATA"}, DefaultText{"none"}, ByContent{}, OneLine{"labeled photos to learn from, as for graft fit"});
  v("target", target,
    "at least 16 photos from where the model will work, in a folder of any depth; they need no labels, and the names of folders are not used",
    Placeholder{"PHOTOS"}, DefaultText{"none"}, ByContent{}, OneLine{"unlabeled photos from where the model will work"});
  v("target-test", target_test, "labeled photos of the target, used only to measure the model; their classes are those of the source, by name",
    Placeholder{"DATA"}, DefaultText{"none"}, ByContent{}, NoEffectOnResult{},
    OneLine{"labeled photos of the target, used only to measure the model"});
  v("method", method,
    "how to adapt; none: keep the head of the source unchanged; coral: solve the head on source features that are given the target's mean and "
    "covariance (Sun et al. 2016); adabn: take the statistics of batch norms from the target (Li et al. 2016); cyclegan: solve the head on source "
    "photos that a network has made look like the target's (Zhu et al. 2017). The other methods train a bottleneck of 256 and a new layer by "
    "gradient steps, and with --strategy partial or full more of the network: mcc (Jin et al. 2020), dan (multi-kernel MMD, Long et al. 2015), "
    "deep-coral (Sun and Saenko 2016), dann (Ganin et al. 2016), cdan (CDAN+E, Long et al. 2018), confusion (Tzeng et al. 2015), shot (Liang et al. "
    "2020, after training on the source). auto: compare none, coral and shot (with --strategy head, mcc), or none, adabn and shot if only a run is "
    "given, and choose one without labels of the target",
    names<AdaptMethod>{{"auto", AdaptMethod::automatic},
                       {"none", AdaptMethod::none},
                       {"coral", AdaptMethod::coral},
                       {"adabn", AdaptMethod::adabn},
                       {"mcc", AdaptMethod::mcc},
                       {"dan", AdaptMethod::dan},
                       {"deep-coral", AdaptMethod::deep_coral},
                       {"dann", AdaptMethod::dann},
                       {"cdan", AdaptMethod::cdan},
                       {"confusion", AdaptMethod::confusion},
                       {"shot", AdaptMethod::shot},
                       {"cyclegan", AdaptMethod::cyclegan}},
    Placeholder{"NAME"},
    OneLine{"none, coral, adabn, mcc, dan, deep-coral, dann, cdan, confusion, shot, cyclegan; auto: choose one without labels of the target"});
  v("translate-size", translate_size, "with --method cyclegan: side of the squares to translate, in pixels, a multiple of 4; no photo may be smaller",
    between(16, 1024), Placeholder{"PIXELS"});
  v("translate-epochs", translate_epochs,
    "with --method cyclegan: passes over the photos of the larger domain; the learning rate falls in the second half", between(1, 100000),
    Placeholder{"N"});
  v("translate-width", translate_width,
    "with --method cyclegan: channels of the networks' first layers; the authors use 64, which takes four times as long as 32", between(1, 1024),
    Placeholder{"N"});
}

void UnlabeledOptions::fields(FieldList& v) {
  v("unlabeled", folder,
    "also learn from the photos in this folder of any depth, at least 16, which need no labels and should show the same classes; the names of "
    "folders are not used. With --semi auto they are used only if a comparison says that this is better",
    Placeholder{"PHOTOS"}, DefaultText{"none"}, ByContent{}, OneClassOnly{});
  v("semi", method,
    "how to learn from --unlabeled; pseudo-labels: with --strategy head, solve the new layer also on photos whose labels are its own answers (Lee "
    "2013) or spread from labeled photos with similar features (Iscen et al. 2019); fixmatch: train by gradient steps towards the sure answers for "
    "slightly changed photos, while seeing them strongly changed (Sohn et al. 2020). A named method is always used; auto: compare with a model that "
    "does not learn from these photos, and take the better one",
    names<SemiMethod>{{"auto", SemiMethod::automatic}, {"fixmatch", SemiMethod::fixmatch}, {"pseudo-labels", SemiMethod::pseudo_labels}},
    Placeholder{"NAME"}, OneClassOnly{});
}

void FitConfig::fields(FieldList& v) {
  if (adapt.asked) adapt.fields(v, data);
  else
    v.positional("data", data, "folder with one folder of photos per class, or with train/ and val/ of such folders, or a CSV or TSV of path,label",
                 MayBeEmpty{}, ByContent{});
  v("out", out, "folder to write the run into; it must not exist; with --find-lr: the picture, FILE.svg", Shorthand{'o'}, Placeholder{"FOLDER"},
    DefaultText{"runs/DATA-DATE-TIME"}, OneLine{"folder to write the run into"}, OfOneRun{});
  v("resume", resume, "continue this interrupted run, with its data and options", Placeholder{"RUN"}, OneLine{"continue an interrupted run"},
    OfOneRun{});
  v("accept-changes", accept_changes, "with --resume: continue even if data, options or machine have changed", OfOneRun{});
  v("dry-run", dry_run, "train nothing: print what would train, and an estimate of time and memory",
    OneLine{"show what would be trained, for how long and in how much memory"}, OfOneRun{});
  v("find-lr", find_lr, "train nothing: print the loss at rising learning rates, and suggest one to start with",
    OneLine{"suggest a learning rate; train nothing"}, OfOneRun{});
  v("profile", profile, "train, and print how long each operator took", OfOneRun{});
  v("tensorboard", tensorboard, "also write RUN/tensorboard: the numbers of every epoch during training, a picture of the augmentation, the options",
    NoEffectOnResult{});
  v("report", report, "auto: write report.html, curves.svg and confusion.svg, which show the results; several models share one report",
    names<ReportKind>{{"auto", ReportKind::automatic}, {"none", ReportKind::none}}, NoEffectOnResult{});
  v.group("Data");
  v("val", val, "validate on this folder or CSV instead of a part of the data", Placeholder{"DATA"},
    DefaultText{"val/ in the data, else a part of it"}, OneLine{"validation photos from another folder or CSV"}, ByContent{});
  v("val-fraction", val_fraction, "fraction of each class held out for validation if the data has no val/", between(0.01, 0.9));
  v("fold", fold, "validate on the K-th of N equal parts of each class instead", Placeholder{"K/N"}, DefaultText{"none"});
  source.label_fields(v);
  source.group_fields(v);
  v("skip-unreadable", skip_unreadable, "leave out photos that cannot be read, and continue");
  v("dedupe", dedupe,
    "leave copies with identical pixels out of training: all but one of a photo that occurs several times under the same label, and those that are "
    "also in validation; the files stay where they are, and RUN/doctor.json lists them");
  v("dedupe-near", dedupe_near,
    "also leave out near copies (recompressed, resized, cropped, mirrored, rotated). Not the default, because two photos of a series can look like "
    "copies: `graft doctor` shows them");
  v("sample-weights", sample_weights, "CSV or TSV of path,weight: how much a training photo counts; 1 for photos that are not listed",
    Placeholder{"FILE"}, DefaultText{"all alike"}, ByContent{});
  v("reweight-to", reweight_to, "weight training photos by how much they resemble the photos in this folder, which need no labels",
    Placeholder{"FOLDER"}, DefaultText{"all alike"});
  if (!adapt.asked) {
    unlabeled.fields(v);
    training.unlabeled_fields(v);
  }
  v.group("Model");
  v("backbone", backbone, "pretrained network, see `graft models`, or an ONNX file of an image encoder; NAME+NAME: networks side by side, as one",
    Shorthand{'b'}, Placeholder{"NAME"}, OneLine{"pretrained network, see `graft models`, or an ONNX file"});
  source_fields(v, "--backbone alone");
  v("from", from, "start from the network and the preprocessing of an earlier run", Placeholder{"RUN"},
    OneLine{"start from an earlier model of yours"}, ByContent{});
  v("weights", weights, "file of its pretrained weights: .safetensors or .pth", Placeholder{"FILE"}, DefaultText{"where setup put them"},
    ByContent{});
  v("weights-key", weights_key, "name of the set of weights to take from a checkpoint that holds several: state_dict_ema, teacher",
    Placeholder{"KEY"}, DefaultText{"the model's own"});
  v("download", download, "fetch the network's published weights if they are not here, as `graft weights get` does", NoEffectOnResult{});
  v("size", size, data::kSizeHelp, between(8, 1024), OneLine{"pixels the network sees: a square's side, or HEIGHTxWIDTH"});
  v("resize", resize,
    "shorter side to which a photo is resized before a square is cut out of its center; if --size is not square, the shorter side of the area in its "
    "proportions that the resized photo covers; equal to --size: nothing of a square photo is cut off; auto: that or what the network was trained "
    "with, about 1.14 times the square, whichever is better in the cross-validation of a head; with --strategy head, what it was trained with",
    between(8, 2048), OneLine{"shorter side before cropping; equal to --size: no cropping"});
  v("gray", grey,
    "make a model for grayscale photos: the first convolution's weights are summed over the color channels, and color photos are converted to "
    "grayscale");
  v("background", background, data::kBackgroundHelp, data::kBackgroundNames);
  v("depth", depth, data::kDepthHelp, data::kDepthNames);
  v("mirror", mirror,
    "average the answers for each photo and its mirror image, for twice the work; auto: by cross-validation with --strategy auto, else no",
    OneLine{"average over each photo and its mirror image, for twice the work"}, Usual{"true"});
  v.group("Backbone from an ONNX file");
  v("tensor", tensor, "tensor at which the network ends; auto: before its last layer", Placeholder{"NAME"});
  scale.fields(v,
               "mean of the network's input normalization, one number or R,G,B, for values in 0..1; auto: as the file says, else by "
               "cross-validation; for a network that takes values in 0..255: --mean 0 --std 0.00392157");
  v("filter", filter, "filter used to resize photos; auto: as the file says, else bilinear",
    names<image::Filter>{{"bilinear", image::Filter::bilinear}, {"bicubic", image::Filter::bicubic}});
  v.group("New layer");
  v("features", features, "what the new layer sees: the network's last features, or also the average of every stage; auto: by cross-validation",
    names<FeatureSet>{{"last", FeatureSet::last}, {"stages", FeatureSet::stages}}, OfAStrategy{}, Usual{"stages", "stages"});
  v("solver", solver,
    "how --strategy head finds the new layer: lbfgs, the exact optimum on the photos' features; steps, by gradient steps with --optimizer, --lr, "
    "--epochs, --augment and so on, as for the other layers; auto: lbfgs, unless --hidden, --pool flatten or --begin is given",
    names<Solver>{{"lbfgs", Solver::lbfgs}, {"steps", Solver::steps}}, NeedsSource{});
  v("hidden", hidden, "sizes of dense layers, each followed by a ReLU, between the features and the new layer", Placeholder{"N,N..."},
    DefaultText{"none"}, NeedsSource{});
  v("pool", pool, "what the new layer gets from the last feature map: its average over the picture, or all of its values (flatten)",
    names<Pool>{{"average", Pool::average}, {"flatten", Pool::flatten}}, NeedsSource{});
  v("l2", l2, "strength of the L2 penalty on the new layer; auto: by cross-validation on the training photos", above(0), NeedsSource{});
  v("class-weights", class_weights, "balanced: the same as --imbalance weights",
    names<ClassWeighting>{{"none", ClassWeighting::none}, {"balanced", ClassWeighting::balanced}});
  v.group("Strategy");
  v("strategy", strategy,
    "what is trained: the head; the last stages; everything; gradually more, from the head down; everything from random values; auto: decided by a "
    "trial on your photos",
    transfer::kKinds, OneLine{"head, partial, full, gradual, scratch, or auto: by a trial"});
  v("budget", budget, budget_help, Placeholder{"10m"}, DefaultText{"no limit"}, OneLine{"time limit for auto"}, BySteps{}, OfAStrategy{});
  plan.details(v);
  v("begin", begin,
    "how the new layer starts when it is trained by gradient steps: solved on the frozen network's features (LP-FT), zero, random, or kept from "
    "--from; auto: random, or solved with fixed batch norm if the training has fewer than 300 steps; with your own --optimizer: zero if batch norm "
    "is live, else solved",
    names<Beginning>{{"solved", Beginning::solved}, {"zero", Beginning::zero}, {"random", Beginning::random}, {"kept", Beginning::kept}}, BySteps{},
    OfAStrategy{}, Usual{"zero"});
  training.fields(v);
  if (adapt.asked) {
    v.group("Adaptation");
    training.adapt_fields(v);
  }
  v.group("Distillation");
  v("distill", distill, "also learn from the model of an earlier run with the same classes", Placeholder{"RUN"}, DefaultText{"none"}, BySteps{},
    OneClassOnly{});
  training.distill_fields(v);
  v.group("Augmentation");
  v("augment", augment, data::kAugmentHelp, data::kAugmentPresets, OneLine{"none, light, standard or strong"}, BySteps{},
    Usual{"standard", "standard"}, Usual{"strong", "strong"});
  v("views", views,
    "number of augmented views of each photo that pass once through the stages that do not train, and are kept; 0: new views every epoch",
    between(0, 1000), BySteps{}, Usual{"0"});
  augment_options.fields(v);
  v.group("Trust");
  v("calibrate", calibrate,
    "auto: divide the logits by a temperature, if that lowers the log loss beyond doubt, so that four in five answers given with 80 % are right (Guo "
    "et al. 2017); it is found by cross-validation on the training photos, or after training by gradient steps on the validation photos",
    names<Calibrating>{{"auto", Calibrating::automatic}, {"none", Calibrating::none}}, Usual{"none"});
  v("calibrate-on", calibrate_on,
    "other labeled photos for --calibrate and --coverage, used neither for training nor for choosing anything; if DATA has parts, those in its val/",
    Placeholder{"DATA"}, DefaultText{"none"}, ByContent{});
  v("coverage", coverage,
    "also answer with sets of classes that contain the true one for this fraction of the photos, such as 0.9 (conformal prediction); with several "
    "classes per photo, this fraction of them",
    Placeholder{"PART"}, DefaultText{"no sets"});
  v("costs", costs, "table of true,predicted,cost: the model then answers with the class of the lowest expected cost", Placeholder{"FILE"},
    DefaultText{"every mistake alike"}, ByContent{}, OneClassOnly{});
  v("reject", reject,
    "largest fraction of the photos of known classes that `graft predict` may call unknown, by a threshold found on the validation photos; none: "
    "call no photo unknown; auto: 0.01, or 0.05 with fewer than 99 validation photos, or none with fewer than 19",
    Placeholder{"PART"}, Usual{"0.05"});
  v.group("By group");
  by_group.fields(v);
  v("balance-groups", balance_groups,
    "for a model that relies on something other than the subject, such as the background; dfr: solve the last layer again on training photos "
    "weighted so that each group counts the same, a group being the photos of one class with the same --attributes (deep feature reweighting, "
    "Kirichenko et al. 2023); dro: train so that the group with the largest loss counts most (group DRO, Sagawa et al. 2020)",
    names<BalanceGroups>{{"none", BalanceGroups::none}, {"dfr", BalanceGroups::dfr}, {"dro", BalanceGroups::dro}}, OneClassOnly{}, Usual{"dfr"},
    BySteps{{"dro"}});
  v.group("Machine");
  v("seed", seed, "seed of everything random: the split, the folds, the order and the views of the photos");
  v("precision", precision, "auto: bf16 if a short measurement finds it faster and close enough",
    names<engine::Precision>{{"auto", engine::Precision::automatic}, {"float32", engine::Precision::float32}, {"bf16", engine::Precision::bf16}});
  v("threads", threads, "number of CPU threads", between(1, 1024), DefaultText{"the CPUs this process may use"}, NoEffectOnResult{});
  v("cache-limit", cache_limit, "GiB on disk for the features of photos seen before; 0: none", at_least(0), NoEffectOnResult{});
}

}  // namespace graft::fit
