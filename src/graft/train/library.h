// Training behind dlopen: libgraft_train.so holds libtorch, and is opened when a command trains more than a head. The rest of graft, and a
// deployment, does without.
#pragma once

#include "graft/train/adapt_statistics.h"
#include "graft/train/cost.h"
#include "graft/train/logit_gradients.h"
#include "graft/train/lr_finder.h"
#include "graft/train/meta.h"
#include "graft/train/predict.h"
#include "graft/train/train.h"
#include "graft/train/translation.h"

namespace graft::train {

/// Which functions and types pass between program and library: one more with every change of a type that Library's functions take or give (their
/// parameters, and what these hold: Graph, Plan, TrainConfig, Samples, Hooks, TrainResult, Cost, Differentiator), or of Library itself. Between two versions of graft
/// the version tells them apart; this does so between two builds of one.
inline constexpr int kAbi = 8;

/// The functions of train.h and its neighbours as libgraft_train.so has them. It was built with this program: `abi` and `version` say so; they stand
/// first, whatever the rest becomes.
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
};

/// Opens the library the first time; it stays until the program ends. Looked for where the program looks for its other libraries.
/// Error (data) when it is not there, cannot be loaded, or belongs to another graft. Call from one thread.
const Library& library();

/// Whether library() would open one.
bool is_here();

inline constexpr const char* kLibraryFile = "libgraft_train.so";
inline constexpr const char* kLibrarySymbol = "graft_train_library";

}  // namespace graft::train
