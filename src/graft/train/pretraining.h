// Self-supervised pre-training: continues the training of a network on photos without labels, from random views of them. Does not include libtorch,
// like train.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/config.h"
#include "graft/base/error.h"
#include "graft/graph/graph.h"
#include "graft/train/train.h"
#include "graft/transfer/strategy.h"

namespace graft::train {

enum class PretrainingMethod {
  simclr,   // the two views of a photo are more alike than views of different photos (Chen et al. 2020)
  simsiam,  // one view predicts the other (Chen & He 2021)
  byol,     // one view predicts what a slowly following copy of the network makes of the other (Grill et al. 2020)
  mae,      // a vision transformer sees a few patches and reconstructs the others (He et al. 2022)
};
/// "simclr".
std::string_view to_string(PretrainingMethod method);

struct PretrainingConfig {
  PretrainingMethod method = PretrainingMethod::simclr;
  int epochs = 20;
  int batch = 32;                      // photos; the network sees two views of each at once, with mae one
  std::optional<double> lr;            // of gradient descent with Nesterov momentum 0.9, of mae AdamW; empty: learning_rate()
  std::optional<double> weight_decay;  // not of biases and norms; empty: decay()
  /// Of the encoder's batch norms. Live ones end with the running statistics of augmented views, which are not those of photos as deployed.
  transfer::BatchNormMode batch_norm = transfer::BatchNormMode::fixed;
  double temperature = 0.2;                     // of SimCLR
  int queue = 0;                                // of SimCLR: past projections that are negatives, too; they are of the network as it was then
  double target_decay = 0.99;                   // of BYOL: what the copy keeps of itself in the first step; rises to 1 along half a cosine
  std::optional<int> features;                  // numbers of a projection; empty: 128 (SimCLR), 512 (SimSiam), 256 (BYOL)
  int hidden = 512;                             // width of the hidden layers of projector and predictor
  double mask = 0.75;                           // of mae: share of the patches that are hidden
  int decoder_layers = 4, decoder_width = 256;  // of mae (models/masked_decoder.h)
  uint64_t seed = 0;
  int threads = 1;
  double checkpoint_minutes = 10;
  Storage storage = Storage::float32;     // in which the network keeps pictures; no option
  std::filesystem::path conv_algorithms;  // as in TrainConfig; no option

  double learning_rate() const;  // empty: 0.005 * batch / 256, with mae its authors' 1.5e-4 * batch / 256
  double decay() const;          // empty: 1e-4, with mae 0.05
  int projection_features() const;
  /// For this number of photos: no photo is in the queue more than once.
  int queue_length(std::size_t photos) const;

  void fields(FieldList& v);
};

/// Names in EpochRecord::scores: spread_of (terms/contrast.h) of the projections, the mean over the steps of the epoch; and the effective rank of the
/// features, if PhotosWatched computes it.
inline constexpr const char *kSpread = "spread", *kEffectiveRank = "rank";
/// Below these a network has collapsed. With unit vectors of mean m, the mean cosine of two of them is |m|^2, about 1 - spread^2: at a spread of 0.1
/// views of different photos have a mean cosine of 0.99. At a rank of 1.5, seven eighths of the features' size lie along one direction.
inline constexpr double kLeastSpread = 0.1, kLeastRank = 1.5;

/// Thrown if the network gives the same for all photos: what was trained is worthless.
class Collapsed : public Error {
 public:
  using Error::Error;
};

/// Photos whose features are measured before the first epoch and after each: (photos, F), of the network as deployed, that is without augmentation and
/// with running statistics. Empty: nothing is measured.
struct PhotosWatched {
  Unlabelled photos;
  std::function<std::map<std::string, double>(std::span<const float> features)> scores = {};
};

struct PretrainingNetworks {
  graph::Graph encoder;       // its output is kFeatures (F)
  graph::Graph decoder = {};  // of mae: models/masked_decoder.h
};

struct PretrainingResult {
  graph::Graph encoder;                       // as it came, with the weights of the last epoch
  std::map<std::string, double> before = {};  // scores of the watched photos
  std::vector<EpochRecord> history;           // train_loss: mean over the steps; scores: kSpread, and of the watched photos
};

/// Trains all of the encoder. A projector, a multilayer perceptron with live batch norm, is trained on top and thrown away; so is a predictor with
/// SimSiam and BYOL, and the decoder with MAE.
/// `photos`: sample i is the first view of photo i in that epoch, sample i + count the second; MAE sees the first only. Of `hooks`, observe, progress,
/// stop, checkpoint, identity and accept are used, and work as for train(): a resumed run ends with the same bytes. observe() is also called with what
/// was measured before the first epoch, as epoch -1.
/// Errors: (usage) a batch of more photos than there are or, except with MAE, of fewer than two; a share of patches that hides none or all of them;
/// (data) too little memory, a loss that is NaN or infinite; Collapsed; Interrupted.
PretrainingResult train_pretraining(const PretrainingNetworks& networks, const PretrainingConfig& config, const Unlabelled& photos,
                                    const PhotosWatched& watched = {}, const Hooks& hooks = {});

}  // namespace graft::train
