// Two domains of pictures translated into each other without pairs: CycleGAN (Zhu et al. 2017). Free of libtorch, as train.h.
#pragma once

#include <cstdint>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/train/train.h"

namespace graft::train {

/// Defaults are the authors'.
struct TranslationConfig {
  int epochs = 200;  // passes over the larger domain; in the second half of them the learning rate falls to 0 along a line
  int batch = 1;
  double lr = 2e-4, momentum = 0.5;  // of Adam: its first moment's decay
  double cycle = 10;                 // what the loss of a picture that is translated there and back is multiplied by
  double identity = 0.5;             // times `cycle`, that of a picture that is of the domain already; 0: none
  int pool = 50;                     // made pictures that a discriminator is shown again (Shrivastava et al. 2017); 0: only the newest
  uint64_t seed = 0;
  int threads = 1;
  double checkpoint_minutes = 10;
};

/// Generators of pictures (3, H, W) in [-1, 1] as kTranslated, and what tells real pictures of each domain from those made.
struct TranslationNetworks {
  graph::Graph to_target, to_source, of_source, of_target;
};

struct TranslationResult {
  TranslationNetworks networks;
  std::vector<EpochRecord> history;  // train_loss: of both generators; terms: "adversarial", "cycle", "identity", "discriminators", none weighed
};

/// Trains all four; `source` and `target` give pictures, channels last. Of `hooks` observe, progress, stop, checkpoint, identity and accept count, and mean
/// what they mean for train(): a training that goes on ends in the same bytes, and the checkpoint of a finished one gives its result again. Error (data) for a loss that is no number; Interrupted.
TranslationResult train_translation(const TranslationNetworks& networks, const TranslationConfig& config, const Unlabelled& source,
                                    const Unlabelled& target, const Hooks& hooks = {});

}  // namespace graft::train
