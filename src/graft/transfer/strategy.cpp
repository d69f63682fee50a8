#include "graft/transfer/strategy.h"

namespace graft::transfer {

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::head: return "head";
    case Kind::partial: return "partial";
    case Kind::full: return "full";
    case Kind::gradual: return "gradual";
    case Kind::scratch: return "scratch";
  }
  return "";
}

void Strategy::fields(FieldList& v) {
  v.group("Strategy");
  v("strategy", kind, "what is trained: the head; the last stages; everything; gradually more, from the head down; everything from random values",
    kKinds);
  details(v);
}

void Strategy::details(FieldList& v) {
  v("unfreeze", unfreeze, "for partial and gradual: the first stage to train, or how many stages besides the head", Placeholder{"STAGE|N"},
    DefaultText{"1 for partial, all for gradual"}, OfAStrategy{});
  v("every", every, "for gradual: epochs from one stage to the next", between(1, 1000), BySteps{}, OfAStrategy{});
  v("batch-norm", batch_norm,
    "statistics of batch norm in stages that train: the pretrained ones (fixed) or those of each batch (live); auto: live for full and scratch, "
    "else fixed",
    names<BatchNormMode>{{"fixed", BatchNormMode::fixed}, {"live", BatchNormMode::live}, {"auto", BatchNormMode::automatic}}, BySteps{},
    Usual{"live"});
  v("lr-decay", lr_decay, "factor of the learning rate from each stage to the one below it", between(0.001, 1), BySteps{}, NeedsSource{},
    Usual{"0.5"});
  v("head-lr", head_lr, "factor of the head's learning rate", between(0.001, 1000), BySteps{}, Usual{"10"});
  v("weight-decay", weight_decay, "weight decay", between(0, 1), BySteps{});
  v("decay-norms", decay_norms, "also apply weight decay to norm layers, biases, position embeddings and layer scales", BySteps{});
}

}  // namespace graft::transfer
