#include "graft/train/compute/buffers.h"

namespace graft::train {
namespace {

constexpr std::size_t kSmallest = 65536;  // bytes; below, malloc does not go to the system

bool is_free(const at::Tensor& block) { return block.storage().use_count() == 1; }

}  // namespace

at::Tensor Buffers::empty(at::IntArrayRef sizes, at::ScalarType type) {
  const std::size_t bytes = static_cast<std::size_t>(c10::multiply_integers(sizes)) * c10::elementSize(type);
  const at::TensorOptions options = at::TensorOptions().dtype(type).device(device_);
  if (bytes < kSmallest) return at::empty(sizes, options);
  Block* best = nullptr;
  for (Block& b : blocks_) {
    const std::size_t size = b.bytes.nbytes();
    if (size >= bytes && size <= bytes + bytes / 2 && is_free(b.bytes) && (best == nullptr || size < best->bytes.nbytes())) best = &b;
  }
  // The room for a few more samples costs nothing before it is touched, and the next batch may have one more.
  if (best == nullptr) best = &blocks_.emplace_back(at::empty({static_cast<int64_t>(bytes + bytes / 8)}, options.dtype(at::kByte)));
  best->used = true;
  return at::empty({0}, options).set_(best->bytes.storage(), 0, sizes);
}

void Buffers::begin_step() {
  std::erase_if(blocks_, [](const Block& b) { return !b.used && is_free(b.bytes); });
  for (Block& b : blocks_) b.used = false;
}

}  // namespace graft::train
