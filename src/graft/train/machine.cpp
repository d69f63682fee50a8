#include <fmt/format.h>
#include <torch/headeronly/version.h>

#include "graft/train/kernels.h"
#include "graft/train/train.h"

namespace graft::train {

std::map<std::string, std::string> machine(const TrainConfig& config) {
  return {{"cpu instructions", kernels().name}, {"torch", TORCH_VERSION}, {"threads", fmt::format("{}", config.threads)}};
}

}  // namespace graft::train
