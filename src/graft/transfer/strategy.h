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
  fixed,      // normalize by the pretrained statistics
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

  void fields(FieldList& v);
  void details(FieldList& v);
};

/// "partial".
std::string_view to_string(Kind kind);

}  // namespace graft::transfer
