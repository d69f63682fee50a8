// Augmentation policies: which operations, how strong, how many in a row. They equal torchvision's (transforms/autoaugment.py),
// which follow the papers' own code: the same operations, tables of magnitudes and order; only the random numbers are graft's.
//
//   Rng rng(seed, stream);
//   const Mixture mixture = draw_policy({.policy = Policy::trivial}, 224, 224, rng);
//   apply(mixture, square, image::Border::constant, {0, 0, 0});
#pragma once

#include <span>
#include <vector>

#include "graft/base/rng.h"
#include "graft/image/image.h"
#include "graft/image/transform.h"

namespace graft::data {

enum class Policy {
  none,
  randaugment,  // some operations, all of one strength: Cubuk et al. 2020
  trivial,      // one operation of any strength (TrivialAugmentWide): Mueller & Hutter 2021
  autoaugment,  // one of 25 pairs found for ImageNet: Cubuk et al. 2019
  augmix,       // the picture mixed with chains of operations on it: Hendrycks et al. 2020
};

/// A policy and what its paper leaves to choose; each is read by one policy.
struct PolicySettings {
  Policy policy = Policy::none;
  int ops = 2, magnitude = 9;   // RandAugment: operations after each other; strength, 0 ... 30
  int severity = 3, width = 3;  // AugMix: strength, 1 ... 10; chains
  int depth = 0;                // AugMix: operations of a chain; 0: one to three, drawn for each
  double alpha = 1;             // AugMix: of the Beta and Dirichlet distributions of the shares
  bool operator==(const PolicySettings&) const = default;
};

enum class Operation {
  identity,
  shear_x,
  shear_y,
  translate_x,
  translate_y,
  rotate,
  brightness,
  colour,
  contrast,
  sharpness,
  posterise,
  solarise,
  autocontrast,
  equalise,
  invert
};

/// torchvision's _apply_op(img, name, magnitude, InterpolationMode.BILINEAR, fill): shear as a tangent, translation in pixels, rotation in
/// degrees against the clock, brightness to sharpness as a factor less 1, posterise in bits, solarise as a threshold; others look at no magnitude.
struct Step {
  Operation operation;
  double magnitude = 0;
  bool operator==(const Step&) const = default;
};

using Chain = std::vector<Step>;

/// What a policy does to one picture.
struct Mixture {
  std::vector<Chain> chains;
  std::vector<float> shares;  // empty: the picture goes through the one chain; else of the picture as it was and then of each chain's result

  bool any() const { return !chains.empty(); }
};

/// The operations a policy draws from, in torchvision's order.
std::vector<Operation> operations(Policy policy);

/// Levels of a magnitude: 31 for RandAugment and TrivialAugment, 10 for AutoAugment and AugMix.
int levels(Policy policy);

/// torchvision's _augmentation_space at a level for a picture of this size, in its float32 arithmetic, without a sign; 0 for those without magnitude.
double magnitude_of(Policy policy, Operation operation, int level, int width, int height);

/// Operations whose magnitude is as often negative.
bool is_signed(Operation operation);

/// Draws from `rng`, how often depends on the policy.
Mixture draw_policy(const PolicySettings& settings, int width, int height, Rng& rng);

/// As on a PIL image, within one level; `border` and `fill` beyond the edges of a picture that is moved (torchvision's own: constant, black).
/// `rgb`: rows of `width` pixels. torchvision's AugMix takes its operations' variants for tensors, which differ a little at the edges.
void apply(const Step& step, std::span<uint8_t> rgb, int width, image::Border border, image::Rgb fill);
void apply(const Mixture& mixture, std::span<uint8_t> rgb, int width, image::Border border, image::Rgb fill);

}  // namespace graft::data
