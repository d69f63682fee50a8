// How much of a pretrained network learns the new task, and how fast. Plain values that the user may choose; plan() makes a Plan of them.
// Its `fields` are the options of every command that has a strategy.
#pragma once

#include <string>
#include <string_view>

#include "graft/base/config.h"

namespace graft::transfer {

enum class Kind {
  head,     // the last stage alone
  partial,  // the last stages
  full,     // all stages
  gradual,  // the head first, then a stage more every few epochs from the top down (Howard & Ruder 2018, ULMFiT)
  scratch,  // all stages, from random values
};

inline const names<Kind> kKinds{
    {"head", Kind::head}, {"partial", Kind::partial}, {"full", Kind::full}, {"gradual", Kind::gradual}, {"scratch", Kind::scratch}};

/// Of the stages that train; a frozen stage's statistics never move.
enum class BatchNormMode {
  fixed,      // normalise by the pretrained statistics
  live,       // by the batch's, and move the running ones
  automatic,  // live where all stages train from the first step (full, scratch); fixed behind a part that is or was frozen, whose outputs still
              // have the statistics they were measured with
};

struct Strategy {
  Kind kind = Kind::partial;
  std::string unfreeze;  // of partial and gradual. "layer4": from that stage on; "2": the last two stages besides the head; empty: one stage
                         // besides the head for partial, all stages in the end for gradual
  int every = 1;         // of gradual: epochs from one stage to the next
  BatchNormMode batch_norm = BatchNormMode::automatic;
  double lr_decay = 1;  // factor of the learning rate from a stage to the one below it (ULMFiT: 1 / 2.6)
  double head_lr = 1;   // factor of the head's learning rate (10 is usual where the head starts from random values)
  double weight_decay = 5e-4;
  bool decay_norms = false;  // weight decay also where it does not belong: see without_decay() in groups.h

  template <class Visitor>
  void fields(Visitor& v) {
    v.group("Strategy");
    v("strategy", kind, "what trains: the head; the last stages; all; the head first, then ever more; all from random values", kKinds);
    details(v);
  }
  template <class Visitor>
  void details(Visitor& v) {
    v("unfreeze", unfreeze, "for partial and gradual: the first stage to train, or how many stages besides the head", Placeholder{"STAGE|N"},
      DefaultText{"1 for partial, all for gradual"});
    v("every", every, "for gradual: epochs from one stage to the next", between(1, 1000));
    v("batch-norm", batch_norm,
      "statistics of batch norm in stages that train: the pretrained ones (fixed) or those of each batch (live); auto: live for full and scratch, "
      "else fixed",
      names<BatchNormMode>{{"fixed", BatchNormMode::fixed}, {"live", BatchNormMode::live}, {"auto", BatchNormMode::automatic}});
    v("lr-decay", lr_decay, "factor of the learning rate from each stage to the one below it", between(0.001, 1));
    v("head-lr", head_lr, "factor of the head's learning rate", between(0.001, 1000));
    v("weight-decay", weight_decay, "weight decay", between(0, 1));
    v("decay-norms", decay_norms, "apply weight decay to norms, biases, position embeddings and layer scales, too");
  }
};

/// "partial".
std::string_view to_string(Kind kind);

}  // namespace graft::transfer
