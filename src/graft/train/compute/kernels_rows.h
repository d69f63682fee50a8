// Converts rows of channels to the layouts of matrix products and back. Part of kernels_body.h.
namespace graft::train::GRAFT_ISA {
namespace {

template <class X>
void narrow(const float* x, const float* bias, const X* added, X* y, Size rows, Size channels) {
  for (Size i = 0; i < rows; ++i)
    for_channels(channels, [&](Size c, Size n) {
      const Size at = i * channels + c;
      Vector v = load_some(x + at, n);
      if (bias != nullptr) v += load_some(bias + c, n);
      if (added != nullptr) v += load_some(added + at, n);
      store_some(y + at, v, n);
    });
}

/// 32-bit elements, whose lower halves are from one row and whose upper halves are from another; a null row is all zeros.
inline Bits paired(const Bf16* low, const Bf16* high, Size n) {
  const auto bits = [n](const Bf16* p) {
    if (p == nullptr) return Bits{};
    return reinterpret_cast<Bits>(load_some(p, n));
  };
  return (bits(low) >> 16) | bits(high);
}

inline void store_bits(Bf16* to, Bits bits, Size n) {
  if (n == kLanes) *reinterpret_cast<Unaligned*>(to) = reinterpret_cast<Vector>(bits);
  else __builtin_memcpy(to, &bits, static_cast<unsigned long>(n) * 4);
}

inline void pair_rows(const Bf16* x, Size rows, Size step, Size channels, Bf16* y, Size height) {
  for (Size i = 0; i < height; i += 2)
    for_channels(channels, [&](Size c, Size n) {
      const Bf16 *low = i < rows ? x + i * step + c : nullptr, *high = i + 1 < rows ? low + step : nullptr;
      store_bits(y + i * channels + 2 * c, paired(low, high, n), n);
    });
}

/// Interleaves two vectors in runs of `Run` elements, one step of a transpose: (a0 b0 a2 b2 ...) and (a1 b1 a3 b3 ...) for runs of one.
template <int Run>
inline void exchange(Bits& a, Bits& b) {
  Ints first, second;
  for (int i = 0; i < kLanes; ++i) {
    const bool from_b = (i / Run) % 2 != 0;
    first[i] = from_b ? static_cast<int>(kLanes) + i - Run : i;
    second[i] = from_b ? static_cast<int>(kLanes) + i : i + Run;
  }
  const Bits x = a, y = b;
  a = __builtin_shuffle(x, y, first);
  b = __builtin_shuffle(x, y, second);
}

template <int Run>
inline void exchange_all(Bits* rows) {
  if constexpr (Run < kLanes) {
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i)
      if ((i / Run) % 2 == 0) exchange<Run>(rows[i], rows[i + Run]);
    exchange_all<2 * Run>(rows);
  }
}

inline void turn_rows(const Bf16* x, Size rows, Size channels, Bf16* y, Size width) {
  for (Size i = 0; i < width; i += 2 * kLanes) {
    const Size pairs = (width - i) / 2 < kLanes ? (width - i) / 2 : kLanes;
    for_channels(channels, [&](Size c, Size n) {
      Bits square[kLanes];
#pragma GCC unroll 16
      for (int k = 0; k < kLanes; ++k) {
        const Size row = i + 2 * k;
        const Bf16 *low = row < rows ? x + row * channels + c : nullptr, *high = row + 1 < rows ? low + channels : nullptr;
        square[k] = paired(low, high, n);
      }
      exchange_all<1>(square);
      for (Size k = 0; k < n; ++k) store_bits(y + (c + k) * width + i, square[k], pairs);
    });
  }
}

}  // namespace
}  // namespace graft::train::GRAFT_ISA
