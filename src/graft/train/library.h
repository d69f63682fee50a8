// Training behind dlopen: libgraft_train.so holds libtorch, and is opened when a command trains more than a head. The rest of graft, and a
// deployment, does without.
#pragma once

#include "graft/train/cost.h"
#include "graft/train/lr_finder.h"
#include "graft/train/predict.h"
#include "graft/train/train.h"

namespace graft::train {

/// The functions of train.h and its neighbours as libgraft_train.so has them. It was built with this program: `version` says so.
struct Library {
  const char* version;
  std::size_t layout;  // layout(), of what passes between the two
  decltype(&train::train) train;
  decltype(&train::predict) predict;
  decltype(&train::machine) machine;
  decltype(&train::measure) measure;
  decltype(&train::find_lr) find_lr;
};

/// Tells builds apart whose types have other sizes.
constexpr std::size_t layout() {
  return sizeof(TrainConfig) * 1'000'000 + sizeof(Hooks) * 10'000 + sizeof(TrainResult) * 100 + sizeof(transfer::Plan);
}

/// Opens the library the first time; it stays until the program ends. Looked for where the program looks for its other libraries.
/// Error (data) when it is not there, cannot be loaded, or belongs to another graft. Call from one thread.
const Library& library();

inline constexpr const char* kLibraryFile = "libgraft_train.so";
inline constexpr const char* kLibrarySymbol = "graft_train_library";

}  // namespace graft::train
