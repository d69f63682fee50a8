// The table of training kernels, free of any other header: the units compiled for newer CPUs include this and nothing else, so no inline function of
// theirs can be linked into code that runs on an older CPU. What the kernels compute stands in kernels.h.
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

enum class Shape { identity, relu, relu6, silu, hard_swish };  // of an activation

/// X is what pictures are stored in; sums and constants are float32.
template <class X>
struct KernelsOf {
  void (*depthwise_forward)(const Depthwise& d, const X* x, const float* weight, X* y, Size begin, Size end);
  void (*depthwise_backward_input)(const Depthwise& d, const X* dy, const float* weight, X* dx, Size begin, Size end);
  void (*depthwise_backward_weight)(const Depthwise& d, const X* x, const X* dy, float* partial, Size begin, Size end);

  void (*moments)(const X* x, Size rows, Size channels, float* sum, float* square);
  void (*normalise)(const X* x, const float* scale, const float* shift, Shape shape, const X* added, X* y, Size rows, Size channels);
  void (*backward_sums)(const X* x, const X* dy, const float* scale, const float* shift, Shape shape, Size rows, Size channels, float* sum,
                        float* product);
  void (*backward_input)(const X* x, const X* dy, const float* scale, const float* shift, Shape shape, const float* p, const float* q, const float* r,
                         X* dx, Size rows, Size channels);
};

struct Kernels {
  const char* name;
  KernelsOf<float> single;
  KernelsOf<Bf16> half;
};

inline constexpr Size kChannelBlock = 32;  // channels that a depthwise kernel works on at once
inline constexpr Size kImageGroups = 4;    // parts of a batch whose weight gradients are summed apart, whatever the number of threads

namespace baseline {
extern const Kernels kKernels;
}
namespace avx2 {
extern const Kernels kKernels;
}
namespace avx512 {
extern const Kernels kKernels;
}

}  // namespace graft::train
