// The fine structure of a photo, by which copies of one photo are told from photos of like things: what is left without its soft shades, and without what
// the photos of a set have in common.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/doctor/align.h"
#include "graft/image/image.h"

namespace graft::doctor {

/// A photo as it is compared. It may come back empty (side 0): a file that cannot be read any more.
struct Look {
  Plane luma = {};                 // slightly smoothed
  std::vector<float> colour = {};  // (8, 8, 2): blue and red difference of ITU-R 601, of the photo stretched to a square
  bool empty() const { return luma.side == 0; }
};
inline constexpr int kColourSide = 8;

/// `information`: pixels along a side that both photos of a pair have; finer structure than that is taken away.
Look look_of(const image::Image& image, int side, int information);

/// Root mean square of the difference of the colours, 0 to 255 a channel, of `b` and `a` laid on itself.
double colour_difference(const Look& a, const Symmetry& symmetry, const Look& b);

/// A plane without its soft shades.
Plane detail_of(const Plane& luma);

/// What photos of a set have in common: the first principal components of the details of some of them (Turk and Pentland 1991), each of length 1.
class Common {
 public:
  Common() = default;
  /// `details`: of one side. No more components than a sixteenth of them, and 16 at most; none that a few photos make.
  Common(std::span<const Plane> details, ThreadPool& pool);
  bool empty() const { return components_.empty(); }
  /// The detail without it; NaN is as `instead` there.
  Plane without(const Plane& detail, const Plane& instead) const;

 private:
  std::vector<Plane> components_;
};

}  // namespace graft::doctor
