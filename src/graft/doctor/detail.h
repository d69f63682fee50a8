// The fine structure of a photo, which distinguishes copies of one photo from photos of similar things:
// what is left without smooth shading, and without what the photos of a data set have in common.
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

/// `information`: pixels along a side that both photos of a pair have; finer structure is removed.
Look look_of(const image::Image& image, int side, int information);

/// Root mean square of the color difference, 0 to 255 per channel, between `b` and `a` after the symmetry.
double colour_difference(const Look& a, const Symmetry& symmetry, const Look& b);

/// A plane without smooth shading.
Plane detail_of(const Plane& luma);

/// What the photos of a data set have in common: the first principal components of the details of some of them (Turk and Pentland 1991), each of length 1.
class Common {
 public:
  Common() = default;
  /// `details`: all of the same side. At most 16 components, and at most a sixteenth of their number; none that come from only a few photos.
  Common(std::span<const Plane> details, ThreadPool& pool);
  bool empty() const { return components_.empty(); }
  /// The detail without it; NaN is as `instead` there.
  Plane without(const Plane& detail, const Plane& instead) const;

 private:
  std::vector<Plane> components_;
};

}  // namespace graft::doctor
