#include <fmt/format.h>
#include <torch/headeronly/version.h>

#include "graft/base/isa.h"
#include "graft/train/train.h"

namespace graft::train {

std::map<std::string, std::string> machine(const TrainConfig& config) {
  return {{"cpu instructions", instruction_sets()}, {"torch", TORCH_VERSION}, {"threads", fmt::format("{}", config.threads)}};
}

}  // namespace graft::train
