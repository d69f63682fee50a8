// Unpaired translation between two domains of pictures: CycleGAN (Zhu et al. 2017). Does not include libtorch, like train.h.
#pragma once

#include <cstdint>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/train/train.h"

namespace graft::train {

/// The defaults are those of the authors.
struct TranslationConfig {
  int epochs = 200;  // passes over the larger domain; in the second half, the learning rate falls linearly to 0
  int batch = 1;
  double lr = 2e-4, momentum = 0.5;  // of Adam; momentum: decay of its first moment
  double cycle = 10;                 // weight of the cycle loss: a picture translated to the other domain and back
  double identity = 0.5;             // times `cycle`: weight of the identity loss, for a picture that is of the output domain already; 0: off
  int pool = 50;                     // generated pictures kept to be shown to a discriminator again (Shrivastava et al. 2017); 0: only the newest
  uint64_t seed = 0;
  int threads = 1;
  double checkpoint_minutes = 10;
};

/// Two generators, which output pictures (3, H, W) in [-1, 1] as kTranslated, and two discriminators, which tell real pictures of a domain from
/// generated ones.
struct TranslationNetworks {
  graph::Graph to_target, to_source, of_source, of_target;
};

struct TranslationResult {
  TranslationNetworks networks;
  std::vector<EpochRecord> history;  // train_loss: of both generators; terms (unweighted): "adversarial", "cycle", "identity", "discriminators"
};

/// Trains all four networks; `source` and `target` give pictures with channels last. Of `hooks`, only observe, progress, stop, checkpoint, identity
/// and accept are used, and work as for train(): a resumed run ends with the same bytes, and the checkpoint of a finished run gives its result again.
/// Error (data) if there is too little memory, or the loss is NaN or infinite; Interrupted.
TranslationResult train_translation(const TranslationNetworks& networks, const TranslationConfig& config, const Unlabelled& source,
                                    const Unlabelled& target, const Hooks& hooks = {});

}  // namespace graft::train
