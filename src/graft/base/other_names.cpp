#include "graft/base/other_names.h"

#include <algorithm>

#include "graft/base/config.h"

namespace graft {
namespace {

constexpr const char* kAnswersTwice = "graft calls it --tta: mirror, five or ten";
constexpr const char* kFrozen =
    "choose what to train: --strategy head (all else is frozen), partial with --unfreeze N (the last N stages besides the head), or full";
constexpr const char* kSolvedFirst = "graft solves the new layer before it trains more (--begin solved); --strategy gradual unfreezes stage by stage";
constexpr const char* kWholeRun = "graft calls it --warmup, as a part of the run: 3 of 30 epochs are 0.1";
constexpr const char* kPretrained = "networks are pretrained unless you choose --strategy scratch; --weights FILE takes weights of your own";
constexpr const char* kOnTheCpu = "graft works on the CPU; --threads says with how many threads";
constexpr const char* kReaders = "graft calls it --threads: they read photos and train";
constexpr const char* kHalf = "graft calls it --precision: auto, float32 or bf16";
constexpr const char* kWhere = "graft calls it --out, the folder of the run itself";
constexpr const char* kNeverOver = "graft never writes over a run: choose another --out, or remove the run";
constexpr const char* kKeepBest = "graft calls it --keep best";
constexpr const char* kStops = "graft calls it --patience N, the epochs without a better one";
constexpr const char* kJitter = "graft calls it --brightness, --contrast, --saturation and --hue, or --augment standard for a little of each";
constexpr const char* kPolicy = "graft calls it --policy: randaugment, trivial, autoaugment or augmix";
constexpr const char* kCrop = "graft calls it --crop-scale LOW,HIGH";
constexpr const char* kNoData = "give the data without a name: graft fit DATA";
constexpr const char* kNoPhotos = "give the photos without a name: graft predict MODEL PHOTOS";
constexpr const char* kCounted = "graft takes the classes from the data";
constexpr const char* kCropShare = "graft calls it --resize, the shorter side before the cut: the size divided by crop_pct";

// By option, as `graft fit --help` has them.
constexpr OtherName kOtherNames[] = {
    {"output", "out"},
    {"output-dir", "out"},
    {"save-dir", "out"},
    {"project", "resume", kWhere},
    {"name", "resume", kWhere},
    {"experiment", "resume", kWhere},
    {"exist-ok", "resume", kNeverOver},
    {"force", "resume", kNeverOver},
    {"overwrite", "force"},
    {"lr-find", "find-lr"},
    {"lr-finder", "find-lr"},
    {"logdir", "tensorboard", "graft calls it --tensorboard and writes into RUN/tensorboard"},
    {"data-dir", "val-fraction", kNoData},
    {"train-dir", "val-fraction", kNoData},
    {"dataset", "val-fraction", kNoData},
    {"num-classes", "val-fraction", kCounted},
    {"nc", "val-fraction", kCounted},
    {"validation-data", "val"},
    {"val-dir", "val"},
    {"validation-split", "val-fraction"},
    {"val-split", "val-fraction"},
    {"valid-pct", "val-fraction"},
    {"kfold", "folds"},
    {"k-fold", "folds"},
    {"cv", "folds"},
    {"model", "backbone"},
    {"arch", "backbone"},
    {"model-name", "backbone"},
    {"pretrained", "strategy", kPretrained},
    {"no-pretrained", "strategy", kPretrained},
    {"initial-checkpoint", "weights", "graft calls it --weights FILE, or --from RUN for a model that graft trained"},
    {"checkpoint", "resume", "graft calls it --resume RUN to continue a training, --from RUN to start from its model"},
    {"imgsz", "size"},
    {"img-size", "size"},
    {"image-size", "size"},
    {"input-size", "size"},
    {"crop-pct", "resize", kCropShare},
    {"grey", "gray"},
    {"centre", "center"},
    {"unlabelled", "unlabeled"},
    {"grey-chance", "gray-chance"},
    {"in-chans", "gray", "graft calls it --gray for pictures of one channel"},
    {"interpolation", "filter"},
    {"class-weight", "imbalance", "graft calls it --imbalance weights; --sample-weights FILE weights photo by photo"},
    {"freeze", "strategy", kFrozen},
    {"freeze-layers", "strategy", kFrozen},
    {"freeze-backbone", "strategy", kFrozen},
    {"trainable", "strategy", kFrozen},
    {"freeze-epochs", "strategy", kSolvedFirst},
    {"freeze-bn", "batch-norm", "graft calls it --batch-norm fixed"},
    {"layer-decay", "lr-decay", "graft calls it --lr-decay, from a stage (not a layer) to the one below it"},
    {"wd", "weight-decay"},
    {"num-epochs", "epochs"},
    {"n-epoch", "epochs"},
    {"num-train-epochs", "epochs"},
    {"batch-size", "batch"},
    {"bs", "batch"},
    {"grad-accum-steps", "accumulate"},
    {"gradient-accumulation-steps", "accumulate"},
    {"optimiser", "optimizer"},
    {"opt", "optimizer"},
    {"learning-rate", "lr"},
    {"lr0", "lr"},
    {"lr-max", "lr"},
    {"sched", "schedule"},
    {"scheduler", "schedule"},
    {"lr-scheduler", "schedule"},
    {"lr-scheduler-type", "schedule"},
    {"cos-lr", "schedule", "graft calls it --schedule cosine"},
    {"fit-one-cycle", "schedule", "graft calls it --schedule one-cycle"},
    {"warmup-ratio", "warmup"},
    {"warmup-epochs", "warmup", kWholeRun},
    {"warmup-steps", "warmup", kWholeRun},
    {"decay-rate", "gamma"},
    {"decay-epochs", "step-epochs"},
    {"decay-milestones", "milestones"},
    {"pct-start", "peak"},
    {"lrf", "lr-end"},
    {"min-lr", "lr-end", "graft calls it --lr-end, as a factor of --lr"},
    {"patience-epochs", "plateau-patience"},
    {"smoothing", "label-smoothing"},
    {"mixup-alpha", "mixup"},
    {"cutmix-alpha", "cutmix"},
    {"drop", "dropout"},
    {"drop-rate", "dropout"},
    {"dropout-rate", "dropout"},
    {"drop-path", "stochastic-depth"},
    {"drop-path-rate", "stochastic-depth"},
    {"drop-connect-rate", "stochastic-depth"},
    {"clip-grad", "clip"},
    {"grad-clip", "clip"},
    {"max-grad-norm", "clip"},
    {"global-clipnorm", "clip"},
    {"clipnorm", "clip", "graft calls it --clip: the norm of all gradients together, not of each variable's"},
    {"model-ema-decay", "ema"},
    {"ema-momentum", "ema"},
    {"model-ema", "ema", "graft calls it --ema DECAY, for instance 0.999"},
    {"use-ema", "ema", "graft calls it --ema DECAY, for instance 0.999"},
    {"save-best", "keep", kKeepBest},
    {"restore-best-weights", "keep", kKeepBest},
    {"load-best-model-at-end", "keep", kKeepBest},
    {"monitor", "stop-metric"},
    {"early-stopping-patience", "patience"},
    {"early-stopping", "patience", kStops},
    {"early-stop", "patience", kStops},
    {"teacher", "distill"},
    {"aa", "policy", kPolicy},
    {"auto-augment", "policy"},
    {"scale", "crop-scale", kCrop},
    {"hflip", "flip"},
    {"fliplr", "flip"},
    {"vflip", "vertical-flip"},
    {"flipud", "vertical-flip"},
    {"degrees", "rotation"},
    {"rotation-range", "rotation"},
    {"max-rotate", "rotation"},
    {"color-jitter", "brightness", kJitter},
    {"hsv-h", "brightness", kJitter},
    {"hsv-s", "brightness", kJitter},
    {"hsv-v", "brightness", kJitter},
    {"border-colour", "border-color"},
    {"posterise", "posterize"},
    {"posterise-chance", "posterize-chance"},
    {"solarise", "solarize"},
    {"solarise-chance", "solarize-chance"},
    {"equalise", "equalize"},
    {"reprob", "erase"},
    {"erasing", "erase"},
    {"random-seed", "seed"},
    {"random-state", "seed"},
    {"augment", "tta", kAnswersTwice},
    {"source", "tta", kNoPhotos},
    {"top-k", "top"},
    {"topk", "top"},
    {"amp", "precision", kHalf},
    {"half", "precision", kHalf},
    {"fp16", "precision", kHalf},
    {"bf16", "precision", kHalf},
    {"device", "threads", kOnTheCpu},
    {"gpu", "threads", kOnTheCpu},
    {"workers", "threads", kReaders},
    {"num-workers", "threads", kReaders},
    {"verbose", "quiet", "progress is shown unless you give --quiet"},
};

}  // namespace

std::span<const OtherName> other_names() { return kOtherNames; }

const OtherName* find_other_name(std::span<const Field> fields, std::string_view word) {
  const auto known = [&](const OtherName& name) {
    return name.word == word && std::ranges::any_of(fields, [&](const Field& field) { return field.name == name.option && !field.positional; });
  };
  const auto* at = std::ranges::find_if(kOtherNames, known);
  return at == std::end(kOtherNames) ? nullptr : at;
}

const Field* find_by_any_name(std::span<const Field> fields, std::string_view name) {
  if (const Field* field = find_field(fields, name)) return field;
  const OtherName* other = find_other_name(fields, name);
  return other == nullptr || other->instead != nullptr ? nullptr : find_field(fields, other->option);
}

std::vector<std::string> same_as(std::string_view option) {
  std::vector<std::string> words;
  for (const OtherName& name : kOtherNames)
    if (name.option == option && name.instead == nullptr) words.emplace_back(name.word);
  return words;
}

}  // namespace graft
