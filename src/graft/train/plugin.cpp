// What libgraft_train.so gives to library.cpp.
#include "graft/train/library.h"

extern "C" {
[[gnu::visibility("default")]] extern const graft::train::Library graft_train_library;
const graft::train::Library graft_train_library{graft::train::kAbi,
                                                GRAFT_VERSION,
                                                &graft::train::train,
                                                &graft::train::predict,
                                                &graft::train::differentiate,
                                                &graft::train::machine,
                                                &graft::train::measure,
                                                &graft::train::find_lr,
                                                &graft::train::adapt_statistics,
                                                &graft::train::meta_train,
                                                &graft::train::meta_answers,
                                                &graft::train::train_translation,
                                                &graft::train::train_pretraining};
}
