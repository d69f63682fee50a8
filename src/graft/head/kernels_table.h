// The table of kernels, free of any other header: the units compiled for newer CPUs include this and nothing else, so no inline
// function of theirs can be linked into code that runs on an older CPU.
#pragma once

namespace graft::head {

using Size = unsigned long;  // std::size_t, without a header

/// X is the type in which rows are stored, T the type of the sums. Each element is one sum in a fixed order.
template <class X, class T>
struct Products {
  /// out[i][j] = <a_i, b_j> over `width` columns (a multiple of the padding of X and T).
  void (*dots)(const X* a, Size a_rows, Size a_stride, const T* b, Size b_rows, Size b_stride, Size width, T* out, Size out_stride);
  /// g[j][c] += sum over i of r[i][j] * x[i][c], for c below `width` (a multiple of the padding of X).
  void (*outer)(const T* r, Size rows, Size r_stride, Size outputs, const X* x, Size x_stride, Size width, T* g, Size g_stride);
};

struct Kernels {
  const char* name;
  Products<float, float> single;
  Products<float, double> mixed;
  Products<double, double> full;
};

namespace baseline {
extern const Kernels kKernels;
}
namespace avx2 {
extern const Kernels kKernels;
}
namespace avx512 {
extern const Kernels kKernels;
}

}  // namespace graft::head
