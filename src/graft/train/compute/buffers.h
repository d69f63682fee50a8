// Memory for tensors that live within a step, reused in the next one: fresh memory from the system costs a page fault for every 4 kB.
#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace graft::train {

/// Not thread-safe.
class Buffers {
 public:
  explicit Buffers(at::Device device = at::kCPU) : device_(device) {}

  /// A contiguous tensor with undefined values. Its memory is reused when no tensor refers to it anymore.
  at::Tensor empty(at::IntArrayRef sizes, at::ScalarType type);
  /// To be called when a step begins: frees the memory that the last step did not use, since batches may have become smaller.
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
