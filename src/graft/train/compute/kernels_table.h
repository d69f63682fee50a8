// The table of training kernels. It includes no other header: the translation units compiled for newer CPUs include only this one, so none of their
// inline functions can be linked into code that runs on an older CPU. kernels.h describes what the kernels compute.
#pragma once

namespace graft::train {

using Size = long;

struct Bf16 {
  unsigned short bits;  // the upper half of a float32
};

/// A depthwise convolution of pictures (images, height, width, channels), channels innermost.
struct Depthwise {
  Size images, height, width, channels, kernel, stride, pad_top, pad_left, out_height, out_width;
};

enum class Shape { identity, relu, relu6, silu, hard_swish };  // activation functions

/// A picture as a kernel reads it: shape(x * scale + shift) per channel, computed while reading; x itself if scale is nullptr.
template <class X>
struct Source {
  const X* x;
  const float *scale = nullptr, *shift = nullptr;
  Shape shape = Shape::identity;
};

/// The gradient of z, the input of a batch norm, computed while reading from the gradient dy of shape(z * scale + shift): dz * p + z * q + r with
/// dz = dy * shape'(z * scale + shift); dy itself if z is nullptr.
template <class X>
struct Incoming {
  const X *dy, *z = nullptr;
  const float *scale = nullptr, *shift = nullptr, *p = nullptr, *q = nullptr, *r = nullptr;
  Shape shape = Shape::identity;
};

/// X is the storage type of pictures; sums and constants are float32.
template <class X>
struct KernelsOf {
  void (*depthwise_forward)(const Depthwise& d, const Source<X>& x, const float* weight, X* y, float* moments, Size begin, Size end);
  void (*depthwise_backward)(const Depthwise& d, const Source<X>& x, const Incoming<X>& dy, const float* weight, X* dx, float* dweight, float* sums,
                             Size begin, Size end);

  void (*moments)(const X* x, Size rows, Size channels, float* sum, float* square);
  void (*normalise)(const X* x, const float* scale, const float* shift, Shape shape, const X* added, X* y, Size rows, Size channels);
  void (*backward_sums)(const X* x, const X* dy, const float* scale, const float* shift, Shape shape, Size rows, Size channels, float* sum,
                        float* product);
  void (*backward_input)(const X* x, const X* dy, const float* scale, const float* shift, Shape shape, const float* p, const float* q, const float* r,
                         X* dx, Size rows, Size channels);
  void (*join)(const Source<X>& x, const Source<X>& added, X* y, Size rows, Size channels);
  void (*narrow)(const float* x, const float* bias, const X* added, X* y, Size rows, Size channels);
};

struct Kernels {
  const char* name;
  KernelsOf<float> single;
  KernelsOf<Bf16> half;
  void (*pair_rows)(const Bf16* x, Size rows, Size step, Size channels, Bf16* y, Size height);
  void (*turn_rows)(const Bf16* x, Size rows, Size channels, Bf16* y, Size width);
};

inline constexpr Size kChannelBlock = 32;  // channels that a depthwise kernel processes at once
inline constexpr Size kImageGroups = 8;    // parts of a batch with separate sums of weight gradients, whatever the number of threads

namespace baseline {
extern const Kernels kKernels;
}
namespace avx2 {
extern const Kernels kKernels;
}
namespace avx512 {
extern const Kernels kKernels;
}
namespace avx512bf16 {  // for CPUs with an instruction that rounds to bf16
extern const Kernels kKernels;
}

}  // namespace graft::train
