// Depthwise convolution, its input's and its weights' gradient. Part of kernels_body.h.
//
// The rows that a window needs are kept as float32 with zeros on either side, for 32 channels at a time (a ring of `kernel` rows): each element is
// widened once, and no window looks beyond the picture.
namespace graft::train::GRAFT_ISA {
namespace {

constexpr Size kVectors = kChannelBlock / kLanes;  // of a block
constexpr Size kWidest = 7;                        // kernel
constexpr int kShared = kLanes == 16 ? 7 : 4;      // places of dy that share their loads of x

/// The widest kernel's weights of a block.
struct alignas(GRAFT_VECTOR_BYTES) Block {
  float values[kWidest * kWidest * kChannelBlock];
};

/// Rows of a picture as a window slides down over them, and zeros on either side.
template <class X>
class Ring {
 public:
  /// `before` and `after`: columns of zeros. Of the rows asked for, the last `rows` are held.
  Ring(Size height, Size width, Size channels, Size rows, Size before, Size after)
      : height_(height),
        width_(width),
        channels_(channels),
        rows_(rows),
        before_(before),
        stride_((before + width + after) * kVectors),
        values_(new Vector[static_cast<unsigned long>(rows * stride_)]()) {}
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() { delete[] values_; }

  /// From here on the rows are those of this picture and these channels (n <= kChannelBlock).
  void begin(const X* picture, Size n) {
    picture_ = picture;
    n_ = n;
    for (Size& y : held_) y = -1;
  }

  bool has(Size y) const { return y >= 0 && y < height_; }

  /// Column 0 of row y of the picture; columns from -before on may be read.
  const float* row(Size y) {
    const Size slot = y % rows_;
    float* const values = reinterpret_cast<float*>(values_ + slot * stride_ + before_ * kVectors);
    if (held_[slot] == y) return values;
    held_[slot] = y;
    const X* from = picture_ + y * width_ * channels_;
    float* to = values;
    if (n_ == kChannelBlock) {
      for (Size x = 0; x < width_; ++x, from += channels_, to += kChannelBlock)
        for (Size v = 0; v < kVectors; ++v) store(to + v * kLanes, load(from + v * kLanes));
    } else {
      for (Size x = 0; x < width_; ++x, from += channels_, to += kChannelBlock)
        for (Size v = 0, left = n_; left > 0; ++v, left -= kLanes)
          store(to + v * kLanes, left >= kLanes ? load(from + v * kLanes) : load(from + v * kLanes, left));
    }
    return values;
  }

 private:
  Size height_, width_, channels_, rows_, before_, stride_, n_ = 0;
  const X* picture_ = nullptr;
  Size held_[kWidest] = {};
  Vector* values_;
};

template <class X>
inline void store_block(X* to, Size v, Size n, Vector value) {
  const Size left = n - v * kLanes;
  if (left >= kLanes) store(to + v * kLanes, value);
  else if (left > 0) store(to + v * kLanes, value, left);
}

/// The weights of a block, (taps, kChannelBlock), zeros behind the last channel.
inline void take_weights(const float* weight, Size taps, Size channels, Size first, Size n, float* block) {
  for (Size t = 0; t < taps; ++t)
    for (Size c = 0; c < kChannelBlock; ++c) block[t * kChannelBlock + c] = c < n ? weight[t * channels + first + c] : 0.F;
}

/// `count` results side by side: out[p] = sum over rows i and taps k < T of rows[i][p * S + k] * weights(i, k).
/// `step` is the distance of results in `out`, of taps in the weights that of `tap_step` (1, or 2 where every second tap counts).
template <class X, int T, int S, int P>
inline void tile(const float* const* rows, Size row_count, Size column, const float* const* weights, Size tap_step, X* out, Size step, Size n) {
  constexpr int kSpan = (P - 1) * S + T;
  for (Size v = 0; v * kLanes < n; ++v) {
    Vector sum[P] = {};
    for (Size i = 0; i < row_count; ++i) {
      const float* x = rows[i] + column * kChannelBlock + v * kLanes;
      const float* w = weights[i] + v * kLanes;
      Vector taps[T];
#pragma GCC unroll 8
      for (int k = 0; k < T; ++k) taps[k] = load(w + k * tap_step * kChannelBlock);
#pragma GCC unroll 32
      for (int j = 0; j < kSpan; ++j) {
        const Vector value = load(x + j * kChannelBlock);
#pragma GCC unroll 8
        for (int p = 0; p < P; ++p)
          if (j >= p * S && j < p * S + T) sum[p] += value * taps[j - p * S];
      }
    }
    for (int p = 0; p < P; ++p) store_block(out + p * step, v, n, sum[p]);
  }
}

/// All `count` results in tiles of P, count >= P; the last tile begins early enough to be whole.
template <class X, int T, int S, int P>
inline void tiles(const float* const* rows, Size row_count, Size first, const float* const* weights, Size tap_step, X* out, Size step, Size count,
                  Size n) {
  for (Size p = 0; p < count; p += P) {
    const Size at = p + P <= count ? p : count - P;
    tile<X, T, S, P>(rows, row_count, first + at * S, weights, tap_step, out + at * step, step, n);
  }
}

template <class X, int T, int S>
void line(const float* const* rows, Size row_count, Size first, const float* const* weights, Size tap_step, X* out, Size step, Size count, Size n) {
  constexpr int kMany = T <= 3 ? 4 : 7, kFew = 3;  // results that share their loads, measured; 4 and 7 divide the usual sides
  if (count >= kMany) tiles<X, T, S, kMany>(rows, row_count, first, weights, tap_step, out, step, count, n);
  else if (count >= kFew) tiles<X, T, S, kFew>(rows, row_count, first, weights, tap_step, out, step, count, n);
  else tiles<X, T, S, 1>(rows, row_count, first, weights, tap_step, out, step, count, n);
}

template <class X>
using Line = void (*)(const float* const*, Size, Size, const float* const*, Size, X*, Size, Size, Size);

/// For 1 to 7 taps and stride 1 or 2.
template <class X>
Line<X> line_for(Size taps, Size stride) {
  constexpr Line<X> table[2][8] = {
      {nullptr, line<X, 1, 1>, line<X, 2, 1>, line<X, 3, 1>, line<X, 4, 1>, line<X, 5, 1>, line<X, 6, 1>, line<X, 7, 1>},
      {nullptr, line<X, 1, 2>, line<X, 2, 2>, line<X, 3, 2>, line<X, 4, 2>, line<X, 5, 2>, line<X, 6, 2>, line<X, 7, 2>}};
  return table[stride - 1][taps];
}

/// One task is a picture and a block of channels.
template <class F>
void for_blocks(const Depthwise& d, Size begin, Size end, F&& work) {
  const Size blocks = (d.channels + kChannelBlock - 1) / kChannelBlock;
  for (Size task = begin; task < end; ++task) {
    const Size first = task % blocks * kChannelBlock, n = d.channels - first < kChannelBlock ? d.channels - first : kChannelBlock;
    work(task / blocks, first, n);
  }
}

template <class X>
void depthwise_forward(const Depthwise& d, const X* x, const float* weight, X* y, Size begin, Size end) {
  const Line<X> line = line_for<X>(d.kernel, d.stride);
  Ring<X> ring(d.height, d.width, d.channels, d.kernel, d.pad_left, d.kernel + d.stride);
  Block block;
  for_blocks(d, begin, end, [&](Size image, Size first, Size n) {
    take_weights(weight, d.kernel * d.kernel, d.channels, first, n, block.values);
    ring.begin(x + image * d.height * d.width * d.channels + first, n);
    X* out = y + image * d.out_height * d.out_width * d.channels + first;
    for (Size oy = 0; oy < d.out_height; ++oy, out += d.out_width * d.channels) {
      const float *rows[kWidest], *weights[kWidest];
      Size row_count = 0;
      for (Size i = 0; i < d.kernel; ++i) {
        const Size iy = oy * d.stride - d.pad_top + i;
        if (!ring.has(iy)) continue;
        rows[row_count] = ring.row(iy);
        weights[row_count++] = block.values + i * d.kernel * kChannelBlock;
      }
      line(rows, row_count, -d.pad_left, weights, 1, out, d.channels, d.out_width, n);
    }
  });
}

/// dx[i] = sum of dy[(i + pad - k) / stride] w[k] over the k for which that is whole: for each remainder of i, a convolution of dy with every
/// stride-th weight, the last one first. There may be no such weight (kernel 1, stride 2): then the sum has no rows.
template <class X>
void depthwise_backward_input(const Depthwise& d, const X* dy, const float* weight, X* dx, Size begin, Size end) {
  const Size s = d.stride;
  Ring<X> ring(d.out_height, d.out_width, d.channels, d.kernel, d.kernel, d.kernel + d.width / s - d.out_width + s);
  Block block;
  for_blocks(d, begin, end, [&](Size image, Size first, Size n) {
    take_weights(weight, d.kernel * d.kernel, d.channels, first, n, block.values);
    ring.begin(dy + image * d.out_height * d.out_width * d.channels + first, n);
    X* out = dx + image * d.height * d.width * d.channels + first;
    for (Size iy = 0; iy < d.height; ++iy, out += d.width * d.channels)
      for (Size remainder = 0; remainder < s && remainder < d.width; ++remainder) {
        // The taps k with k = (remainder + pad) mod s, from the last to the first, read dy from left to right.
        const Size phase = (remainder + d.pad_left) % s;
        const Size taps = (d.kernel - phase + s - 1) / s, last = phase + (taps - 1) * s;
        const float *rows[kWidest], *weights[kWidest];
        Size row_count = 0;
        for (Size k = (iy + d.pad_top) % s; k < d.kernel && taps > 0; k += s) {
          const Size oy = (iy + d.pad_top - k) / s;
          if (!ring.has(oy)) continue;
          rows[row_count] = ring.row(oy);
          weights[row_count++] = block.values + (k * d.kernel + last) * kChannelBlock;
        }
        const Size count = (d.width - remainder + s - 1) / s, column = (remainder + d.pad_left - last) / s;
        line_for<X>(taps > 0 ? taps : 1, 1)(rows, row_count, column, weights, -s, out + remainder * d.channels, s * d.channels, count, n);
      }
  });
}

/// sums[i][k] += sum over p of rows[i][p * S + k] * dy[p], k < T, for R rows of the window. `count` is rounded up to whole kShared: dy has zeros
/// there, so a NaN in a column that no window reaches may turn up in the sums, too.
template <int T, int S, int R>
inline void correlate_rows(const float* const* rows, const float* dy, Size count, float* const* sums, Size n) {
  constexpr int kSpan = (kShared - 1) * S + T;
  for (Size v = 0; v < n; v += kLanes) {
    Vector sum[R * T];
#pragma GCC unroll 3
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 8
      for (int k = 0; k < T; ++k) sum[i * T + k] = load(sums[i] + k * kChannelBlock + v);
    for (Size p = 0; p < count; p += kShared) {
      Vector gradient[kShared];
#pragma GCC unroll 8
      for (int j = 0; j < kShared; ++j) gradient[j] = load(dy + (p + j) * kChannelBlock + v);
#pragma GCC unroll 3
      for (int i = 0; i < R; ++i)
#pragma GCC unroll 32
        for (int j = 0; j < kSpan; ++j) {
          const Vector value = load(rows[i] + (p * S + j) * kChannelBlock + v);
#pragma GCC unroll 8
          for (int k = 0; k < T; ++k)
            if (j >= k && (j - k) % S == 0 && (j - k) / S < kShared) sum[i * T + k] += value * gradient[(j - k) / S];
        }
    }
#pragma GCC unroll 3
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 8
      for (int k = 0; k < T; ++k) store(sums[i] + k * kChannelBlock + v, sum[i * T + k]);
  }
}

template <int T, int S>
void correlate(const float* const* rows, Size row_count, const float* dy, Size count, float* const* sums, Size n) {
  constexpr int kTogether = T <= 3 ? 3 : T <= 5 ? 2 : 1;  // rows whose sums fit into the registers
  Size i = 0;
  for (; i + kTogether <= row_count; i += kTogether) correlate_rows<T, S, kTogether>(rows + i, dy, count, sums + i, n);
  for (; i < row_count; ++i) correlate_rows<T, S, 1>(rows + i, dy, count, sums + i, n);
}

using Correlate = void (*)(const float* const*, Size, const float*, Size, float* const*, Size);
inline Correlate correlate_for(Size taps, Size stride) {
  constexpr Correlate table[2][8] = {
      {nullptr, correlate<1, 1>, correlate<2, 1>, correlate<3, 1>, correlate<4, 1>, correlate<5, 1>, correlate<6, 1>, correlate<7, 1>},
      {nullptr, correlate<1, 2>, correlate<2, 2>, correlate<3, 2>, correlate<4, 2>, correlate<5, 2>, correlate<6, 2>, correlate<7, 2>}};
  return table[stride - 1][taps];
}

/// Here a task is a group of pictures and a block of channels, whose sums go to partial[group].
template <class X>
void depthwise_backward_weight(const Depthwise& d, const X* x, const X* dy, float* partial, Size begin, Size end) {
  const Correlate correlate = correlate_for(d.kernel, d.stride);
  Ring<X> inputs(d.height, d.width, d.channels, d.kernel, d.pad_left, d.kernel + d.stride * (kShared + 1));
  Ring<X> gradients(d.out_height, d.out_width, d.channels, 1, 0, kShared);
  const Size taps = d.kernel * d.kernel;
  Block block;
  for_blocks(d, begin, end, [&](Size group, Size first, Size n) {
    __builtin_memset(block.values, 0, sizeof(block.values));
    for (Size image = group * d.images / kImageGroups; image < (group + 1) * d.images / kImageGroups; ++image) {
      inputs.begin(x + image * d.height * d.width * d.channels + first, n);
      gradients.begin(dy + image * d.out_height * d.out_width * d.channels + first, n);
      for (Size oy = 0; oy < d.out_height; ++oy) {
        const float* rows[kWidest];
        float* sums[kWidest];
        Size row_count = 0;
        for (Size i = 0; i < d.kernel; ++i) {
          const Size iy = oy * d.stride - d.pad_top + i;
          if (!inputs.has(iy)) continue;
          rows[row_count] = inputs.row(iy) - d.pad_left * kChannelBlock;
          sums[row_count++] = block.values + i * d.kernel * kChannelBlock;
        }
        correlate(rows, row_count, gradients.row(oy), d.out_width, sums, n);
      }
    }
    for (Size t = 0; t < taps; ++t)
      for (Size c = 0; c < n; ++c) partial[(group * taps + t) * d.channels + first + c] = block.values[t * kChannelBlock + c];
  });
}

}  // namespace
}  // namespace graft::train::GRAFT_ISA
