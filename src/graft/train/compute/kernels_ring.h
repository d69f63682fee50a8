// A ring buffer with the rows of a picture that a depthwise convolution reads. Part of kernels_body.h.
//
// The rows that a window covers (a ring of `kernel` rows) are held as float32 with zeros on either side, for 32 channels at a time. So each element
// is converted, normalized and activated only once, and no window reads beyond the picture's left or right border.
namespace graft::train::GRAFT_ISA {
namespace {

constexpr Size kVectors = kChannelBlock / kLanes;  // vectors per block
constexpr Size kWidest = 7;                        // the largest kernel size
constexpr Size kAhead = 16;                        // positions that a block is prefetched ahead: the hardware prefetcher does not follow such strides

/// Vector v of a block of n channels, with zeros after the last channel.
template <class X>
inline Vector load_block(const X* from, Size v, Size n) {
  const Size left = n - v * kLanes;
  if (left >= kLanes) return load(from + v * kLanes);
  return left > 0 ? load(from + v * kLanes, left) : Vector{};
}

/// A function that reads `width` positions of a block into a ring. `at` is the offset of the block's first channel, channel `first`, at the first
/// position.
template <class X>
struct Reader {
  void (*read)(const Reader& of, Size at, Size first, Size width, Size channels, Size n, float* to);
};

template <class X>
struct Normalised : Reader<X> {
  Source<X> source;
  explicit Normalised(const Source<X>& s) : source(s) {
    if (s.scale == nullptr) this->read = plain;
    else with_shape(s.shape, [&]<Shape S>() { this->read = shaped<S>; });
  }
  static void plain(const Reader<X>& of, Size at, Size, Size width, Size channels, Size n, float* to) {
    const X* from = static_cast<const Normalised&>(of).source.x + at;
    for (Size x = 0; x < width; ++x, from += channels, to += kChannelBlock)
      for (Size v = 0; v * kLanes < n; ++v) store(to + v * kLanes, load_block(from, v, n));
  }
  template <Shape S>
  static void shaped(const Reader<X>& of, Size at, Size first, Size width, Size channels, Size n, float* to) {
    const Source<X>& s = static_cast<const Normalised&>(of).source;
    for (Size v = 0; v * kLanes < n; ++v) {
      const Vector a = load_block(s.scale + first, v, n), b = load_block(s.shift + first, v, n);
      for (Size x = 0; x < width; ++x) {
        if (v == 0) __builtin_prefetch(s.x + at + (x + kAhead) * channels);
        store(to + x * kChannelBlock + v * kLanes, activated<S>(load_block(s.x + at + x * channels, v, n) * a + b));
      }
    }
  }
};

template <class X>
struct Sloped : Reader<X> {
  Incoming<X> source;
  explicit Sloped(const Incoming<X>& s) : source(s) {
    if (s.z == nullptr) this->read = plain;
    else with_shape(s.shape, [&]<Shape S>() { this->read = shaped<S>; });
  }
  static void plain(const Reader<X>& of, Size at, Size, Size width, Size channels, Size n, float* to) {
    const X* from = static_cast<const Sloped&>(of).source.dy + at;
    for (Size x = 0; x < width; ++x, from += channels, to += kChannelBlock)
      for (Size v = 0; v * kLanes < n; ++v) store(to + v * kLanes, load_block(from, v, n));
  }
  template <Shape S>
  static void shaped(const Reader<X>& of, Size at, Size first, Size width, Size channels, Size n, float* to) {
    const Incoming<X>& s = static_cast<const Sloped&>(of).source;
    for (Size v = 0; v * kLanes < n; ++v) {
      const auto constant = [&](const float* c) { return load_block(c + first, v, n); };
      const Vector a = constant(s.scale), b = constant(s.shift), p = constant(s.p), q = constant(s.q), r = constant(s.r);
      for (Size x = 0; x < width; ++x) {
        if (v == 0) {
          __builtin_prefetch(s.z + at + (x + kAhead) * channels);
          __builtin_prefetch(s.dy + at + (x + kAhead) * channels);
        }
        const Vector z = load_block(s.z + at + x * channels, v, n), dz = slope<S>(z * a + b, load_block(s.dy + at + x * channels, v, n));
        store(to + x * kChannelBlock + v * kLanes, dz * p + z * q + r);
      }
    }
  }
};

/// The rows of a picture under a window that slides down, with zeros on either side.
template <class X>
class Ring {
 public:
  /// `before` and `after`: number of zero columns on the left and on the right. Holds the last `rows` rows that were requested.
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

  /// From now on, the rows are those of this picture and the n channels from `first` on (n <= kChannelBlock).
  void begin(const Reader<X>& reader, Size image, Size first, Size n) {
    reader_ = &reader;
    at_ = image * height_ * width_ * channels_ + first;
    first_ = first;
    n_ = n;
    for (Size& y : held_) y = -1;
  }

  bool has(Size y) const { return y >= 0 && y < height_; }

  /// Points to column 0 of row y of the picture; columns may be read from -before on.
  const float* row(Size y) {
    const Size slot = y % rows_;
    float* const values = reinterpret_cast<float*>(values_ + slot * stride_ + before_ * kVectors);
    if (held_[slot] == y) return values;
    held_[slot] = y;
    reader_->read(*reader_, at_ + y * width_ * channels_, first_, width_, channels_, n_, values);
    return values;
  }

 private:
  Size height_, width_, channels_, rows_, before_, stride_, at_ = 0, first_ = 0, n_ = 0;
  const Reader<X>* reader_ = nullptr;
  Size held_[kWidest] = {};
  Vector* values_;
};

}  // namespace
}  // namespace graft::train::GRAFT_ISA
