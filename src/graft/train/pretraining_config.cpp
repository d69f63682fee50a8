#include <algorithm>

#include "graft/train/pretraining.h"

namespace graft::train {

std::string_view to_string(PretrainingMethod method) {
  constexpr std::string_view kNames[] = {"simclr", "simsiam", "byol", "mae"};
  return kNames[static_cast<std::size_t>(method)];
}

double PretrainingConfig::learning_rate() const { return lr.value_or((method == PretrainingMethod::mae ? 1.5e-4 : 0.005) * batch / 256); }

double PretrainingConfig::decay() const { return weight_decay.value_or(method == PretrainingMethod::mae ? 0.05 : 1e-4); }

int PretrainingConfig::projection_features() const {
  constexpr int kOfTheAuthors[] = {128, 512, 256, 0};  // SimSiam's scaled to hidden layers of 512, from 2048
  return features.value_or(kOfTheAuthors[static_cast<std::size_t>(method)]);
}

int PretrainingConfig::queue_length(std::size_t photos) const {
  if (method != PretrainingMethod::simclr) return 0;
  return std::min(queue, static_cast<int>(photos));
}

void PretrainingConfig::fields(FieldList& v) {
  v("method", method, "self-supervised method",
    names<PretrainingMethod>{{"simclr", PretrainingMethod::simclr},
                             {"simsiam", PretrainingMethod::simsiam},
                             {"byol", PretrainingMethod::byol},
                             {"mae", PretrainingMethod::mae}});
  v("epochs", epochs, "passes over the photos", between(1, 100'000));
  v("batch", batch, "photos per step; the network sees two views of each, with --method mae one", between(1, 65'536));
  v("lr", lr, "learning rate", above(0), DefaultText{"--batch / 256 times 0.005, with mae times 0.00015"});
  v("weight-decay", weight_decay, "weight decay, except of biases and norms", at_least(0), DefaultText{"0.0001; with mae 0.05"});
  v("batch-norm", batch_norm,
    "statistics by which batch norms of the network normalize: those that it came with (fixed), or those of each batch of views (live)",
    names<transfer::BatchNormMode>{{"fixed", transfer::BatchNormMode::fixed}, {"live", transfer::BatchNormMode::live}});
  v("temperature", temperature, "with --method simclr: what similarities are divided by", between(0.01, 10));
  v("queue", queue, "with --method simclr: projections of earlier batches that are compared with, too, at most one of each photo; 0: none",
    between(0, 1'000'000));
  v("target-decay", target_decay, "with --method byol: what the following copy of the network keeps of itself in a step, at the beginning",
    between(0, 1));
  v("features", features, "numbers of a projection, which is what the loss compares", between(2, 65'536),
    DefaultText{"128; with simsiam 512, with byol 256"});
  v("hidden", hidden, "width of the hidden layers of projector and predictor", between(2, 65'536));
  v("mask", mask, "with --method mae: share of the patches that the network does not see and reconstructs", between(0.01, 0.99));
  v("decoder-layers", decoder_layers, "with --method mae: layers of the decoder, which is thrown away at the end", between(1, 64));
  v("decoder-width", decoder_width, "with --method mae: width of the decoder, a multiple of 32", between(32, 4096));
  v("seed", seed, "seed of everything random: the views, the order of the photos, the projector");
  v("checkpoint-minutes", checkpoint_minutes, "minutes between checkpoints", above(0), NoEffectOnResult{});
}

}  // namespace graft::train
