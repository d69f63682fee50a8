// Random views of the photos a network is trained on: each time another crop, flip, rotation or color of the same photo. The transforms are
// torchvision's (graft/image/{resize,transform,colour,tone,blur}.h); this decides which ones, how strong, and in as few resamplings as possible.
//
//   const Augment augment = of(AugmentPreset::standard, options);
//   decode.enough = enough_side(augment, preprocess);  // phone photos are decoded at a fraction of their size
//   Rng rng(seed, stream);                             // a stream of its own for each epoch and sample
//   data::augment(photo, augment, preprocess, rng, row);
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "graft/base/rng.h"
#include "graft/data/augment_options.h"
#include "graft/data/policy.h"
#include "graft/data/preprocess.h"
#include "graft/image/colour.h"
#include "graft/image/image.h"
#include "graft/image/resize.h"
#include "graft/image/transform.h"

namespace graft::data {

/// Plain numbers; with these defaults nothing changes.
struct Augment {
  struct Interval {
    double low, high;
    bool operator==(const Interval&) const = default;
  };
  std::optional<Interval> crop_scale;                   // RandomResizedCrop: part of the photo's area; 3/4 to 4/3 as wide as the picture
  bool random_crop = false;                             // else, when true: Resize(resize), Pad(pad), RandomCrop(crop); else the centre
  int pad = 0;                                          // pixels of the resized photo
  double flip = 0, vertical_flip = 0;                   // probabilities
  double rotation = 0;                                  // RandomAffine, about the center: up to this many degrees to either side
  double translate = 0;                                 // up to this part of the side
  Interval zoom = {1, 1};                               // magnification
  double shear = 0;                                     // of the x axis, degrees to either side
  double affine_chance = 1;                             // of these four together
  double brightness = 0, contrast = 0, saturation = 0;  // ColorJitter: factors in [max(0, 1 - v), 1 + v]
  double hue = 0;                                       // in [-v, v]
  double perspective = 0, perspective_chance = 0;       // RandomPerspective: how far a corner goes inwards, as a part of half the side
  image::Border border = image::Border::reflect;        // beyond the photo's edges
  image::Rgb fill = {};                                 // there, where the border is constant
  double grey_chance = 0;
  double blur = 0, blur_chance = 0;            // GaussianBlur: deviation in [0.1, v], pixels of the square
  double sharpness = 0, sharpness_chance = 0;  // factor as of brightness
  int posterise = 8, solarise = 256;           // bits that are kept; the first value that is inverted
  double posterise_chance = 0, solarise_chance = 0;
  double autocontrast = 0, equalise = 0, invert = 0;  // probabilities
  PolicySettings policy;
  double erase = 0;                     // RandomErasing: probability
  Interval erase_scale = {0.02, 0.33};  // of the square's area
  Interval erase_ratio = {0.3, 3.3};    // height / width
  EraseFill erase_fill = EraseFill::mean;

  bool moves() const { return affine_chance > 0 && (rotation > 0 || translate > 0 || shear > 0 || zoom != Interval{1, 1}); }
  bool colours() const { return brightness > 0 || contrast > 0 || saturation > 0 || hue > 0; }
  /// What is done to the square as it was cut, beside its colours.
  bool effects() const {
    return grey_chance > 0 || blur_chance > 0 || sharpness_chance > 0 || posterise_chance > 0 || solarise_chance > 0 || autocontrast > 0 ||
           equalise > 0 || invert > 0 || policy.policy != Policy::none || erase > 0;
  }
  bool any() const {
    return crop_scale || random_crop || flip > 0 || vertical_flip > 0 || moves() || perspective_chance > 0 || colours() || effects();
  }
  bool operator==(const Augment&) const = default;
};

/// Error (usage) if an option's text is malformed or options contradict each other.
Augment of(AugmentPreset preset, const AugmentOptions& options = {});

/// What is done to the pixels of the square after ColorJitter, in this order; by default nothing.
struct Effects {
  bool grey = false;
  double blur = 0;       // deviation, pixels
  double sharpness = 1;  // factor
  int posterise = 8;     // bits
  int solarise = 256;    // threshold
  bool autocontrast = false, equalise = false, invert = false;
};

struct Erasure {
  image::Box box;  // of the square
  image::Rgb colour = {};
};

/// One view of one photo, as drawn.
struct View {
  image::Part part;                              // of the photo, before the rotation; may reach beyond the edges
  std::optional<image::Turn> turn;               // after that, about the centre of the square
  std::optional<image::Projection> perspective;  // after that, from the square as shown to the one before it
  image::ColourJitter colours;
  Effects effects;
  Mixture policy;
  std::optional<Erasure> erasure;  // last of all
};

/// Draws a view of a photo of this size. The same 80 numbers are drawn in the same order whatever is set, so that one setting never changes
/// what another one does: 10 times area and shape of a part (the first that fits is taken, as torchvision does, else the largest), its place
/// across and down; flip, vertical flip; chance of a turn, rotation, translation across and down, zoom, shear; factors of brightness,
/// contrast, saturation, hue, and the order of these four (3 numbers); chance of a perspective and how far each of its corners goes across and
/// down (8); chance of grey; chance and deviation of a blur; chance and factor of sharpness; chance of posterise, solarise, autocontrast, equalise,
/// invert; chance of erasing, 10 times area and shape of the rectangle, its place across and down; the seed of a stream that the policy draws from.
View draw_view(const Augment& augment, const Preprocess& preprocess, int width, int height, Rng& rng);

/// Fills `row` as Preprocess does; `border` and `fill` say what is beyond the photo's edges.
void show(const image::Image& photo, const View& view, image::Border border, const Preprocess& preprocess, std::span<uint8_t> row,
          image::Rgb fill = {});

/// draw_view() and show(); with nothing set exactly preprocess(photo, row). A pure function of its arguments, from any thread.
void augment(const image::Image& photo, const Augment& augment, const Preprocess& preprocess, Rng& rng, std::span<uint8_t> row);

/// The DecodeOptions::enough without visible loss: the smallest part of a photo is still as large as the square it fills, up to a
/// magnification of four. 0 (full size) if nothing is set except mirroring, so that training and prediction see the same bytes.
int enough_side(const Augment& augment, const Preprocess& preprocess);

}  // namespace graft::data
