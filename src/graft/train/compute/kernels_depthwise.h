// Depthwise convolution and the gradients of its input and weights, computed over rings of rows (kernels_ring.h). Part of kernels_body.h.
namespace graft::train::GRAFT_ISA {
namespace {

constexpr int kShared = kLanes == 16 ? 7 : 4;  // positions of dy that share their loads of x

/// The weights of a block of channels, large enough for the widest kernel.
struct alignas(GRAFT_VECTOR_BYTES) Block {
  float values[kWidest * kWidest * kChannelBlock];
};

template <class X>
inline void store_block(X* to, Size v, Size n, Vector value) {
  const Size left = n - v * kLanes;
  if (left >= kLanes) store(to + v * kLanes, value);
  else if (left > 0) store(to + v * kLanes, value, left);
}

/// Copies the weights of a block, (taps, kChannelBlock), with zeros after the last channel.
inline void take_weights(const float* weight, Size taps, Size channels, Size first, Size n, float* block) {
  for (Size t = 0; t < taps; ++t)
    for (Size c = 0; c < kChannelBlock; ++c) block[t * kChannelBlock + c] = c < n ? weight[t * channels + first + c] : 0.F;
}

/// P adjacent results: out[p] = sum over rows i and taps k < T of rows[i][p * S + k] * weights(i, k). `step` is the distance between results in
/// `out`, `tap_step` that between taps in the weights (its magnitude is 1, or 2 if only every second tap is used).
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

/// All `count` results in tiles of P, count >= P; the last tile begins early enough to be complete, and may overlap the one before it.
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
  constexpr int kMany = T <= 3 ? 4 : 7, kFew = 3;  // results that share loads, chosen by measurement; 4 and 7 divide the usual picture sizes
  if (count >= kMany) tiles<X, T, S, kMany>(rows, row_count, first, weights, tap_step, out, step, count, n);
  else if (count >= kFew) tiles<X, T, S, kFew>(rows, row_count, first, weights, tap_step, out, step, count, n);
  else tiles<X, T, S, 1>(rows, row_count, first, weights, tap_step, out, step, count, n);
}

template <class X>
using Line = void (*)(const float* const*, Size, Size, const float* const*, Size, X*, Size, Size, Size);

/// The instance of line() for 1 to 7 taps and stride 1 or 2.
template <class X>
Line<X> line_for(Size taps, Size stride) {
  constexpr Line<X> table[2][8] = {
      {nullptr, line<X, 1, 1>, line<X, 2, 1>, line<X, 3, 1>, line<X, 4, 1>, line<X, 5, 1>, line<X, 6, 1>, line<X, 7, 1>},
      {nullptr, line<X, 1, 2>, line<X, 2, 2>, line<X, 3, 2>, line<X, 4, 2>, line<X, 5, 2>, line<X, 6, 2>, line<X, 7, 2>}};
  return table[stride - 1][taps];
}

/// Calls work(picture, first channel, number of channels) for each task: a picture (in backward a group of pictures) and a block of channels.
template <class F>
void for_blocks(const Depthwise& d, Size begin, Size end, F&& work) {
  const Size blocks = (d.channels + kChannelBlock - 1) / kChannelBlock;
  for (Size task = begin; task < end; ++task) {
    const Size first = task % blocks * kChannelBlock, n = d.channels - first < kChannelBlock ? d.channels - first : kChannelBlock;
    work(task / blocks, first, n);
  }
}

/// sum += v, square += v^2 over `count` positions of a block. Uses the stored (rounded) values, as these are what later passes read.
template <class X>
inline void row_moments(const X* row, Size step, Size count, Size n, float* sum, float* square) {
  for (Size v = 0; v * kLanes < n; ++v) {
    Vector s = load(sum + v * kLanes), q = load(square + v * kLanes);
    for (Size p = 0; p < count; ++p) {
      const Vector value = load_block(row + p * step, v, n);
      s += value;
      q += value * value;
    }
    store(sum + v * kLanes, s);
    store(square + v * kLanes, q);
  }
}

/// Two sums per channel of a block; put() writes them to their place in (parts, 2, C).
struct alignas(GRAFT_VECTOR_BYTES) BlockSums {
  float first[kChannelBlock] = {}, second[kChannelBlock] = {};
  void put(float* sums, Size part, Size channels, Size at, Size n) const {
    for (Size c = 0; c < n; ++c) {
      sums[2 * part * channels + at + c] = first[c];
      sums[(2 * part + 1) * channels + at + c] = second[c];
    }
  }
};

template <class X>
void depthwise_forward(const Depthwise& d, const Source<X>& x, const float* weight, X* y, float* moments, Size begin, Size end) {
  const Line<X> line = line_for<X>(d.kernel, d.stride);
  Ring<X> ring(d.height, d.width, d.channels, d.kernel, d.pad_left, d.kernel + d.stride);
  const Normalised<X> reader(x);
  Block block;
  for_blocks(d, begin, end, [&](Size image, Size first, Size n) {
    take_weights(weight, d.kernel * d.kernel, d.channels, first, n, block.values);
    ring.begin(reader, image, first, n);
    X* out = y + image * d.out_height * d.out_width * d.channels + first;
    BlockSums sums;
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
      if (moments != nullptr) row_moments(out, d.channels, d.out_width, n, sums.first, sums.second);
    }
    if (moments != nullptr) sums.put(moments, image, d.channels, first, n);
  });
}

/// Row iy of dx: dx[i] = sum of dy[(i + pad - k) / stride] w[k] over all k for which the index is an integer. For each i mod stride, this is a
/// convolution of dy with every stride-th weight in reverse order. If there is no such weight (kernel 1, stride 2), the sum is over no rows.
template <class X>
inline void input_row(const Depthwise& d, Ring<X>& ring, const float* block, Size iy, X* out, Size n) {
  const Size s = d.stride;
  for (Size remainder = 0; remainder < s && remainder < d.width; ++remainder) {
    // The taps k = (remainder + pad) mod s, from the last to the first, read dy from left to right.
    const Size phase = (remainder + d.pad_left) % s;
    const Size taps = (d.kernel - phase + s - 1) / s, last = phase + (taps - 1) * s;
    const float *rows[kWidest], *weights[kWidest];
    Size row_count = 0;
    for (Size k = (iy + d.pad_top) % s; k < d.kernel && taps > 0; k += s) {
      const Size oy = (iy + d.pad_top - k) / s;
      if (!ring.has(oy)) continue;
      rows[row_count] = ring.row(oy);
      weights[row_count++] = block + (k * d.kernel + last) * kChannelBlock;
    }
    const Size count = (d.width - remainder + s - 1) / s, column = (remainder + d.pad_left - last) / s;
    line_for<X>(taps > 0 ? taps : 1, 1)(rows, row_count, column, weights, -s, out + remainder * d.channels, s * d.channels, count, n);
  }
}

/// sums[i][k] += sum over p of rows[i][p * S + k] * dy[p], k < T, for R rows of the window. `count` is rounded up to a multiple of kShared; dy is
/// zero there, so a NaN in a column that no window reaches may appear in the sums, too.
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
  constexpr int kTogether = T <= 3 ? 3 : T <= 5 ? 2 : 1;  // rows whose sums fit in registers together
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

inline Size least_size(Size a, Size b) { return a < b ? a : b; }

/// Adds the contribution of row oy of dy to the weight gradients.
template <class X>
inline void weight_row(const Depthwise& d, Ring<X>& inputs, const float* dy, Size oy, Correlate correlate, float* products, Size n) {
  const float* rows[kWidest];
  float* sums[kWidest];
  Size row_count = 0;
  for (Size i = 0; i < d.kernel; ++i) {
    const Size iy = oy * d.stride - d.pad_top + i;
    if (!inputs.has(iy)) continue;
    rows[row_count] = inputs.row(iy) - d.pad_left * kChannelBlock;
    sums[row_count++] = products + i * d.kernel * kChannelBlock;
  }
  correlate(rows, row_count, dy, d.out_width, sums, n);
}

/// sum += dz, product += dz * x over a row of a block, where dz = dy * shape'(x * scale + shift).
template <class X>
using RowSums = void (*)(const Source<X>&, const X*, const X*, Size, Size, Size, Size, float*, float*);
template <class X, Shape S>
void row_sums(const Source<X>& source, const X* x, const X* dy, Size channels, Size first, Size count, Size n, float* sum, float* product) {
  for (Size v = 0; v * kLanes < n; ++v) {
    const Vector a = load_block(source.scale + first, v, n), b = load_block(source.shift + first, v, n);
    Vector s = load(sum + v * kLanes), p = load(product + v * kLanes);
    for (Size i = 0; i < count; ++i) {
      const Vector value = load_block(x + i * channels, v, n), dz = slope<S>(value * a + b, load_block(dy + i * channels, v, n));
      s += dz;
      p += dz * value;
    }
    store(sum + v * kLanes, s);
    store(product + v * kLanes, p);
  }
}

/// Both gradients in one pass: each row of dy, together with the rows of x that its windows cover, contributes to the weight gradients, and then the
/// rows of dx that depend on no later row of dy are written.
template <class X>
void depthwise_backward(const Depthwise& d, const Source<X>& x, const Incoming<X>& dy, const float* weight, X* dx, float* dweight, float* sums,
                        Size begin, Size end) {
  const Correlate correlate = correlate_for(d.kernel, d.stride);
  const Size behind = d.kernel + d.width / d.stride - d.out_width + d.stride;
  Ring<X> inputs(d.height, d.width, d.channels, d.kernel, d.pad_left, d.kernel + d.stride * (kShared + 1));
  Ring<X> gradients(d.out_height, d.out_width, d.channels, d.kernel, d.kernel, behind > kShared ? behind : kShared);
  const Normalised<X> input_reader(x);
  const Sloped<X> gradient_reader(dy);
  RowSums<X> add_sums = nullptr;
  with_shape(x.shape, [&]<Shape S>() { add_sums = row_sums<X, S>; });
  const Size taps = d.kernel * d.kernel, size = d.height * d.width * d.channels, row = d.width * d.channels;
  Block weights, products;
  for_blocks(d, begin, end, [&](Size group, Size first, Size n) {
    take_weights(weight, taps, d.channels, first, n, weights.values);
    __builtin_memset(products.values, 0, sizeof(products.values));
    BlockSums norm;
    for (Size image = group * d.images / kImageGroups; image < (group + 1) * d.images / kImageGroups; ++image) {
      inputs.begin(input_reader, image, first, n);
      gradients.begin(gradient_reader, image, first, n);
      Size iy = 0;
      for (Size oy = 0; oy < d.out_height; ++oy) {
        if (dweight != nullptr) weight_row(d, inputs, gradients.row(oy), oy, correlate, products.values, n);
        const Size done = oy + 1 < d.out_height ? least_size((oy + 1) * d.stride - d.pad_top, d.height) : d.height;
        for (; dx != nullptr && iy < done; ++iy) {
          X* const out = dx + image * size + iy * row + first;
          input_row(d, gradients, weights.values, iy, out, n);
          if (sums != nullptr) add_sums(x, x.x + image * size + iy * row + first, out, d.channels, first, d.width, n, norm.first, norm.second);
        }
      }
    }
    for (Size t = 0; t < taps && dweight != nullptr; ++t)
      for (Size c = 0; c < n; ++c) dweight[(group * taps + t) * d.channels + first + c] = products.values[t * kChannelBlock + c];
    if (sums != nullptr) norm.put(sums, group, d.channels, first, n);
  });
}

}  // namespace
}  // namespace graft::train::GRAFT_ISA
