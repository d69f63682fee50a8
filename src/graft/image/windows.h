// The weights of a resize along one axis.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "graft/image/resample.h"
#include "graft/image/resize.h"

namespace graft::image {

/// The cubic kernel of Keys 1981 with a = -0.5, as Pillow and torch's antialiased resize have it.
double bicubic(double x);

/// Windows for the outputs [from, from + count) of a resize of `in` pixels to `out`.
class Windows {
 public:
  Windows(int in, int64_t out, int64_t from, int count, Filter filter);

  bool identity() const { return identity_; }  // in == out: a copy starting at from()
  int from() const { return from_; }
  int count() const { return static_cast<int>(first_.size()); }
  int taps() const { return taps_; }
  int first(int i) const { return first_[static_cast<size_t>(i)]; }
  /// The inputs any of the windows gives weight to.
  int begin() const { return std::min(first_.front(), first_.back()); }
  int end() const { return end_; }
  /// Where the window that is furthest right begins.
  int rightmost() const { return std::max(first_.front(), first_.back()); }
  /// Last window first.
  void mirror();
  Weights weights() const { return {static_cast<int>(first_.size()), taps_, first_.data(), halves_.data()}; }

 private:
  bool identity_;
  int from_, taps_ = 0, end_ = 0;
  std::vector<int32_t> first_;
  std::vector<int16_t> halves_;
};

}  // namespace graft::image
