// Loads training with dlopen: libgraft_train.so contains libtorch, and is opened when a command trains more than a head. The rest of graft, and any
// deployment, works without it.
#pragma once

#include "graft/train/adapt_statistics.h"
#include "graft/train/cost.h"
#include "graft/train/logit_gradients.h"
#include "graft/train/lr_finder.h"
#include "graft/train/meta.h"
#include "graft/train/predict.h"
#include "graft/train/pretraining.h"
#include "graft/train/train.h"
#include "graft/train/translation.h"

namespace graft::train {

/// Version of the binary interface between program and library. Increment it with every change of Library or of a type that its functions take
/// or return, directly or as a member (Graph, Plan, TrainConfig, Samples, Hooks, TrainResult, Cost, Differentiator). It tells apart two builds
/// of the same version of graft; different versions are told apart by Library::version.
inline constexpr int kAbi = 13;

/// The functions of train.h and the headers beside it, as libgraft_train.so provides them. `abi` and `version` show whether it was built with this
/// program; they must stay the first two members, however the rest changes.
struct Library {
  int abi;
  const char* version;
  decltype(&train::train) train;
  decltype(&train::predict) predict;
  decltype(&train::differentiate) differentiate;
  decltype(&train::machine) machine;
  decltype(&train::measure) measure;
  decltype(&train::find_lr) find_lr;
  decltype(&train::adapt_statistics) adapt_statistics;
  decltype(&train::meta_train) meta_train;
  decltype(&train::meta_answers) meta_answers;
  decltype(&train::train_translation) train_translation;
  decltype(&train::train_pretraining) train_pretraining;
};

/// Opens the library on the first call; it stays loaded until the program ends. Searched for where the program finds its other libraries.
/// Error (data) if it is missing, cannot be loaded, or belongs to another build of graft. Call from one thread.
const Library& library();

/// Whether there is a library for library() to open.
bool is_here();

inline constexpr const char* kLibraryFile = "libgraft_train.so";
inline constexpr const char* kLibrarySymbol = "graft_train_library";

}  // namespace graft::train
