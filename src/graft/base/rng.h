// Counter-based random numbers: a draw is a function of (seed, stream, position), so worker count and order never change a result.
// Philox4x32-10, Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace graft {

/// Four 32-bit words for one counter under one key.
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

/// A stream of draws. Use one stream per purpose and sample, e.g. Rng(seed, sample_index); streams are independent.
class Rng {
 public:
  explicit Rng(uint64_t seed, uint64_t stream = 0) : seed_(seed), stream_(stream) {}

  uint32_t next();                 // uniform over 32 bits
  double uniform();                // [0, 1), 53 bits
  uint64_t below(uint64_t bound);  // [0, bound) without bias; bound > 0

  /// Fisher-Yates, last to first.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[static_cast<std::size_t>(below(i))]);
  }

 private:
  uint64_t seed_, stream_, block_ = 0;
  std::array<uint32_t, 4> words_{};
  unsigned used_ = 4;
};

}  // namespace graft
