// Chance in the pictures a network is trained on: another cut, flip, turn or colour of the same photo each time. The transforms are
// torchvision's (graft/image/{resize,transform,colour}.h); here is which of them, how far, and in as few resamplings as possible.
//
//   const Augment augment = of(AugmentPreset::standard, options);
//   decode.enough = enough_side(augment, preprocess);  // phone photos are decoded at a fraction of their size
//   Rng rng(seed, stream);                             // a stream of its own for each epoch and sample
//   data::augment(photo, augment, preprocess, rng, row);
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "graft/base/config.h"
#include "graft/base/rng.h"
#include "graft/data/preprocess.h"
#include "graft/image/colour.h"
#include "graft/image/image.h"
#include "graft/image/resize.h"
#include "graft/image/transform.h"

namespace graft::data {

/// light: the square is cut out at a random place, and mirrored half the time. standard: a random part of the photo instead of the
/// same size always, mirrored half the time, in slightly other colours, half of them turned a little.
enum class AugmentPreset { none, light, standard };

/// What the user says otherwise; an empty one is as the preset has it.
struct AugmentOptions {
  std::optional<std::string> crop_scale, zoom;
  std::optional<int> pad;
  std::optional<double> flip, vertical_flip, rotation, translate, shear, affine_chance, brightness, contrast, saturation, hue;
  std::optional<image::Border> border;

  template <class Visitor>
  void fields(Visitor& v) {
    v.group("Augmentation");
    v("crop-scale", crop_scale, "train on random parts of a photo, of LOW to HIGH of its area and 3:4 to 4:3 in shape; off: always one size",
      Placeholder{"LOW,HIGH"}, DefaultText{"as --augment"});
    v("pad", pad, "cut the square at a random place of the resized photo after so many pixels of border on each side", between(0, 512),
      DefaultText{"as --augment"});
    v("flip", flip, "probability that a photo is mirrored", between(0, 1), DefaultText{"as --augment"});
    v("vertical-flip", vertical_flip, "probability that it is turned upside down by mirroring", between(0, 1), DefaultText{"as --augment"});
    v("rotation", rotation, "largest turn to either side, in degrees", between(0, 180), DefaultText{"as --augment"});
    v("translate", translate, "largest shift in each direction, as a part of the side", between(0, 1), DefaultText{"as --augment"});
    v("zoom", zoom, "smallest and largest magnification", Placeholder{"LOW,HIGH"}, DefaultText{"as --augment"});
    v("shear", shear, "largest slant to either side, in degrees", between(0, 60), DefaultText{"as --augment"});
    v("affine-chance", affine_chance, "probability of rotation, translation, zoom and shear; auto: 1 when one of them is given", between(0, 1),
      DefaultText{"as --augment"});
    v("brightness", brightness, "0.2: times 0.8 to 1.2", between(0, 5), DefaultText{"as --augment"});
    v("contrast", contrast, "as --brightness", between(0, 5), DefaultText{"as --augment"});
    v("saturation", saturation, "as --brightness; 1: also grey", between(0, 5), DefaultText{"as --augment"});
    v("hue", hue, "largest turn of the colour circle to either side, as a part of it", between(0, 0.5), DefaultText{"as --augment"});
    v("border", border, "what stands beyond the photo's edge where --pad, --rotation and the like show it",
      names<image::Border>{{"reflect", image::Border::reflect}, {"edge", image::Border::edge}, {"black", image::Border::constant}},
      DefaultText{"reflect"});
  }
};

/// Plain numbers; as they stand here they change nothing.
struct Augment {
  struct Interval {
    double low, high;
    bool operator==(const Interval&) const = default;
  };
  std::optional<Interval> crop_scale;                   // RandomResizedCrop: part of the photo's area, ratio 3/4 to 4/3
  bool random_crop = false;                             // else, when true: Resize(resize), Pad(pad), RandomCrop(crop); else the centre
  int pad = 0;                                          // pixels of the resized photo
  double flip = 0, vertical_flip = 0;                   // probabilities
  double rotation = 0;                                  // RandomAffine, about the centre: up to so many degrees to either side
  double translate = 0;                                 // up to this part of the side
  Interval zoom = {1, 1};                               // magnification
  double shear = 0;                                     // of the x axis, degrees to either side
  double affine_chance = 1;                             // of these four together
  double brightness = 0, contrast = 0, saturation = 0;  // ColorJitter: factors in [max(0, 1 - v), 1 + v]
  double hue = 0;                                       // in [-v, v]
  image::Border border = image::Border::reflect;        // beyond the photo's edges; constant is black

  bool moves() const { return affine_chance > 0 && (rotation > 0 || translate > 0 || shear > 0 || zoom != Interval{1, 1}); }
  bool colours() const { return brightness > 0 || contrast > 0 || saturation > 0 || hue > 0; }
  bool any() const { return crop_scale || random_crop || flip > 0 || vertical_flip > 0 || moves() || colours(); }
  bool operator==(const Augment&) const = default;
};

/// Error (usage) when an option's text says nothing or options contradict each other.
Augment of(AugmentPreset preset, const AugmentOptions& options = {});

/// One view of one photo, as drawn.
struct View {
  image::Part part;                 // of the photo, without the turn; may reach beyond the edges
  std::optional<image::Turn> turn;  // after that, about the centre of the square
  image::ColourJitter colours;
};

/// Draws a view of a photo of this size. The same 37 numbers are drawn in the same order whatever is set, so that one setting never changes
/// what another one does: 10 times area and shape of a part (the first that fits is taken, as torchvision does, else the largest), its place
/// across and down; flip, vertical flip; chance of a turn, rotation, translation across and down, zoom, shear; factors of brightness,
/// contrast, saturation, hue, and the order of these four (3 numbers).
View draw_view(const Augment& augment, const Preprocess& preprocess, int width, int height, Rng& rng);

/// Fills `row`, (crop, crop, channels) in HWC, as Preprocess does.
void show(const image::Image& photo, const View& view, image::Border border, const Preprocess& preprocess, std::span<uint8_t> row);

/// draw_view() and show(); with nothing set exactly preprocess(photo, row). A pure function of its arguments, from any thread.
void augment(const image::Image& photo, const Augment& augment, const Preprocess& preprocess, Rng& rng, std::span<uint8_t> row);

/// The DecodeOptions::enough that loses nothing one can see: the smallest part of a photo is still as large as the square it fills, up to
/// four times magnified. 0 (all there is) with nothing set, so that training and prediction see the same bytes.
int enough_side(const Augment& augment, const Preprocess& preprocess);

}  // namespace graft::data
