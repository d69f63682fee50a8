// Memory of tensors that live within a step, used again in the next one: what the system hands out anew costs a page fault for every 4 kB.
#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace graft::train {

/// Not for several threads at once.
class Buffers {
 public:
  explicit Buffers(at::Device device = at::kCPU) : device_(device) {}

  /// Contiguous, values undefined. Its memory comes back when no tensor refers to it any more.
  at::Tensor empty(at::IntArrayRef sizes, at::ScalarType type);
  /// A step begins: what the last one had no use for is given back, since batches may have become smaller.
  void begin_step();

 private:
  struct Block {
    at::Tensor bytes;
    bool used = true;  // in this step
  };
  at::Device device_;
  std::vector<Block> blocks_;
};

}  // namespace graft::train
