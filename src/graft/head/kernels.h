// The two matrix products of a linear head, once per instruction set and chosen at run time. One source (kernels_body.h) is compiled
// three times, each in its own namespace.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <span>
#include <utility>

#include "graft/head/kernels_table.h"

namespace graft::head {

/// Rows of a Block are padded with zeros to a multiple of this many bytes, so the kernels have no tails.
inline constexpr std::size_t kPaddingBytes = 256;
template <class T>
constexpr std::size_t padded(std::size_t width) {
  constexpr std::size_t unit = kPaddingBytes / sizeof(T);
  return (width + unit - 1) / unit * unit;
}

/// A zero-initialized row-major matrix, rows padded and aligned to 64 bytes.
template <class T>
class Block {
 public:
  Block() = default;
  Block(std::size_t rows, std::size_t width)
      : rows_(rows), width_(width), stride_(padded<T>(width)), values_(static_cast<T*>(::operator new(bytes(), kAlign))) {
    std::memset(static_cast<void*>(values_), 0, bytes());
  }
  Block(Block&& other) noexcept { swap(other); }
  Block& operator=(Block&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Block() { ::operator delete(values_, kAlign); }

  std::size_t rows() const { return rows_; }
  std::size_t width() const { return width_; }
  std::size_t stride() const { return stride_; }
  T* row(std::size_t i) { return values_ + i * stride_; }
  const T* row(std::size_t i) const { return values_ + i * stride_; }
  std::span<T> all() { return {values_, rows_ * stride_}; }

 private:
  static constexpr std::align_val_t kAlign{64};
  std::size_t bytes() const { return rows_ * stride_ * sizeof(T); }
  void swap(Block& other) {
    std::swap(rows_, other.rows_);
    std::swap(width_, other.width_);
    std::swap(stride_, other.stride_);
    std::swap(values_, other.values_);
  }

  std::size_t rows_ = 0, width_ = 0, stride_ = 0;
  T* values_ = nullptr;
};

/// The sets this CPU can run, slowest first; the last one is what kernels() gives.
std::span<const Kernels* const> available_kernels();
const Kernels& kernels();

template <class X, class T>
const Products<X, T>& products() {
  if constexpr (sizeof(T) == sizeof(float)) return kernels().single;
  else if constexpr (sizeof(X) == sizeof(float)) return kernels().mixed;
  else return kernels().full;
}

}  // namespace graft::head
