#include "graft/train/library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>

#include "graft/base/error.h"

namespace graft::train {
namespace {

Error unusable(const std::string& fact) {
  return data_error(kLibraryFile, fact, "install graft's training package, or fit only a new head with --strategy head, which does without it");
}

const Library& open() {
  // OpenMP's threads would spin between two operators of a step and take the cores from those that decode photos.
  ::setenv("OMP_WAIT_POLICY", "passive", 0);
  ::setenv("GOMP_SPINCOUNT", "20000", 0);
  void* handle = ::dlopen(kLibraryFile, RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) throw unusable(fmt::format("cannot be opened: {}", ::dlerror()));
  const void* symbol = ::dlsym(handle, kLibrarySymbol);
  if (symbol == nullptr) throw unusable("is not graft's");
  const auto* found = static_cast<const Library*>(symbol);
  if (found->abi != kAbi) throw unusable(fmt::format("is from another build of graft (ABI {}, expected {})", found->abi, kAbi));
  if (std::strcmp(found->version, GRAFT_VERSION) != 0) throw unusable(fmt::format("belongs to graft {}, this is {}", found->version, GRAFT_VERSION));
  return *found;
}

}  // namespace

const Library& library() {
  static const Library& opened = open();
  return opened;
}

bool is_here() {
  try {
    library();
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace graft::train
