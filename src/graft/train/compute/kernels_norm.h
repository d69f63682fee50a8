// Sums over the positions of pictures, and batch norm with its activation in one pass each, forward and backward. Part of kernels_body.h.
namespace graft::train::GRAFT_ISA {
namespace {

constexpr Size kRows = 64;  // rows that are summed in registers before the sums are added to memory

/// Calls work(first channel, number of lanes) for each vector of channels; the caller's loop over rows is inside of `work`, so that sums can stay in
/// registers.
template <class F>
inline void for_channels(Size channels, F&& work) {
  Size c = 0;
  for (; c + kLanes <= channels; c += kLanes) work(c, kLanes);
  if (c < channels) work(c, channels - c);
}

template <class X>
inline Vector load_some(const X* p, Size n) {
  return n == kLanes ? load(p) : load(p, n);
}
template <class X>
inline void store_some(X* p, Vector v, Size n) {
  if (n == kLanes) store(p, v);
  else store(p, v, n);
}

template <class X>
void moments(const X* x, Size rows, Size channels, float* sum, float* square) {
  for (Size first = 0; first < rows; first += kRows) {
    const Size last = first + kRows < rows ? first + kRows : rows;
    for_channels(channels, [&](Size c, Size n) {
      Vector s{}, q{};
      for (Size i = first; i < last; ++i) {
        const Vector v = load_some(x + i * channels + c, n);
        s += v;
        q += v * v;
      }
      store_some(sum + c, load_some(sum + c, n) + s, n);
      store_some(square + c, load_some(square + c, n) + q, n);
    });
  }
}

template <class X, Shape S, bool kAdded>
void normalise_as(const X* x, const float* scale, const float* shift, const X* added, X* y, Size rows, Size channels) {
  for (Size i = 0; i < rows; ++i)
    for_channels(channels, [&](Size c, Size n) {
      const Size at = i * channels + c;
      Vector v = load_some(x + at, n) * load_some(scale + c, n) + load_some(shift + c, n);
      if constexpr (kAdded) v += load_some(added + at, n);
      store_some(y + at, activated<S>(v), n);
    });
}

template <class X, Shape S>
void backward_sums_as(const X* x, const X* dy, const float* scale, const float* shift, Size rows, Size channels, float* sum, float* product) {
  for (Size first = 0; first < rows; first += kRows) {
    const Size last = first + kRows < rows ? first + kRows : rows;
    for_channels(channels, [&](Size c, Size n) {
      const Vector a = load_some(scale + c, n), b = load_some(shift + c, n);
      Vector s{}, p{};
      for (Size i = first; i < last; ++i) {
        const Vector v = load_some(x + i * channels + c, n), d = slope<S>(v * a + b, load_some(dy + i * channels + c, n));
        s += d;
        p += d * v;
      }
      store_some(sum + c, load_some(sum + c, n) + s, n);
      store_some(product + c, load_some(product + c, n) + p, n);
    });
  }
}

template <class X, Shape S>
void backward_input_as(const X* x, const X* dy, const float* scale, const float* shift, const float* p, const float* q, const float* r, X* dx,
                       Size rows, Size channels) {
  for (Size i = 0; i < rows; ++i)
    for_channels(channels, [&](Size c, Size n) {
      const Size at = i * channels + c;
      const Vector v = load_some(x + at, n), d = slope<S>(v * load_some(scale + c, n) + load_some(shift + c, n), load_some(dy + at, n));
      store_some(dx + at, d * load_some(p + c, n) + v * load_some(q + c, n) + load_some(r + c, n), n);
    });
}

/// Calls work.template operator()<S>() with the run-time shape as template argument S.
template <class F>
inline void with_shape(Shape shape, F&& work) {
  switch (shape) {
    case Shape::identity: return work.template operator()<Shape::identity>();
    case Shape::relu: return work.template operator()<Shape::relu>();
    case Shape::relu6: return work.template operator()<Shape::relu6>();
    case Shape::silu: return work.template operator()<Shape::silu>();
    case Shape::hard_swish: return work.template operator()<Shape::hard_swish>();
  }
}

template <class X, Shape S>
void join_as(const Source<X>& x, const Source<X>& added, X* y, Size rows, Size channels) {
  for (Size i = 0; i < rows; ++i)
    for_channels(channels, [&](Size c, Size n) {
      const Size at = i * channels + c;
      Vector v = load_some(x.x + at, n), a = load_some(added.x + at, n);
      if (x.scale != nullptr) v = v * load_some(x.scale + c, n) + load_some(x.shift + c, n);
      if (added.scale != nullptr) a = a * load_some(added.scale + c, n) + load_some(added.shift + c, n);
      store_some(y + at, activated<S>(v + a), n);
    });
}

template <class X>
void join(const Source<X>& x, const Source<X>& added, X* y, Size rows, Size channels) {
  with_shape(x.shape, [&]<Shape S>() { join_as<X, S>(x, added, y, rows, channels); });
}

template <class X>
void normalise(const X* x, const float* scale, const float* shift, Shape shape, const X* added, X* y, Size rows, Size channels) {
  with_shape(shape, [&]<Shape S>() {
    if (added != nullptr) normalise_as<X, S, true>(x, scale, shift, added, y, rows, channels);
    else normalise_as<X, S, false>(x, scale, shift, added, y, rows, channels);
  });
}

template <class X>
void backward_sums(const X* x, const X* dy, const float* scale, const float* shift, Shape shape, Size rows, Size channels, float* sum,
                   float* product) {
  with_shape(shape, [&]<Shape S>() { backward_sums_as<X, S>(x, dy, scale, shift, rows, channels, sum, product); });
}

template <class X>
void backward_input(const X* x, const X* dy, const float* scale, const float* shift, Shape shape, const float* p, const float* q, const float* r,
                    X* dx, Size rows, Size channels) {
  with_shape(shape, [&]<Shape S>() { backward_input_as<X, S>(x, dy, scale, shift, p, q, r, dx, rows, channels); });
}

}  // namespace
}  // namespace graft::train::GRAFT_ISA
