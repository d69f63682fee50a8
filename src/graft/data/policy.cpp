#include "graft/data/policy.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace graft::data {
namespace {

using enum Operation;

/// A step of AutoAugment's table: how likely, at which of 10 levels.
struct Likely {
  Operation operation;
  double chance;
  int level = 0;
};

constexpr std::array<std::array<Likely, 2>, 25> kImageNet = {{
    {{{posterise, 0.4, 8}, {rotate, 0.6, 9}}},    {{{solarise, 0.6, 5}, {autocontrast, 0.6}}}, {{{equalise, 0.8}, {equalise, 0.6}}},
    {{{posterise, 0.6, 7}, {posterise, 0.6, 6}}}, {{{equalise, 0.4}, {solarise, 0.2, 4}}},     {{{equalise, 0.4}, {rotate, 0.8, 8}}},
    {{{solarise, 0.6, 3}, {equalise, 0.6}}},      {{{posterise, 0.8, 5}, {equalise, 1.0}}},    {{{rotate, 0.2, 3}, {solarise, 0.6, 8}}},
    {{{equalise, 0.6}, {posterise, 0.4, 6}}},     {{{rotate, 0.8, 8}, {colour, 0.4, 0}}},      {{{rotate, 0.4, 9}, {equalise, 0.6}}},
    {{{equalise, 0.0}, {equalise, 0.8}}},         {{{invert, 0.6}, {equalise, 1.0}}},          {{{colour, 0.6, 4}, {contrast, 1.0, 8}}},
    {{{rotate, 0.8, 8}, {colour, 1.0, 2}}},       {{{colour, 0.8, 8}, {solarise, 0.8, 7}}},    {{{sharpness, 0.4, 7}, {invert, 0.6}}},
    {{{shear_x, 0.6, 5}, {equalise, 1.0}}},       {{{colour, 0.4, 0}, {equalise, 0.6}}},       {{{equalise, 0.4}, {solarise, 0.2, 4}}},
    {{{solarise, 0.6, 5}, {autocontrast, 0.6}}},  {{{invert, 0.6}, {equalise, 1.0}}},          {{{colour, 0.6, 4}, {contrast, 1.0, 8}}},
    {{{equalise, 0.8}, {equalise, 0.6}}},
}};

/// Level `i` of torch.linspace(from, to, count) in float32: counted from the nearer end, with one rounding, which decides whether 16 pixels are
/// 15.999999 and cut off to 15.
double linear(float from, float to, int count, int i) {
  const float step = (to - from) / static_cast<float>(count - 1);
  return i < count / 2 ? std::fma(step, static_cast<float>(i), from) : std::fma(-step, static_cast<float>(count - 1 - i), to);
}

/// Bits that are left: `most` at level 0, fewer by `less` at the last one.
double bits(int most, int less, int count, int i) { return most - std::nearbyint(i / (static_cast<double>(count - 1) / less)); }

/// How far the largest move of a policy goes.
struct Reach {
  float shear, translate_x, translate_y, rotate, factor;
  int bits, fewer;
};

Reach reach_of(Policy policy, int width, int height) {
  const auto part = [](double of_side, int side) { return static_cast<float>(of_side * side); };
  switch (policy) {
    case Policy::trivial: return {0.99F, 32, 32, 135, 0.99F, 8, 6};
    case Policy::augmix: return {0.3F, part(1 / 3.0, width), part(1 / 3.0, height), 30, 0.9F, 4, 4};
    default: return {0.3F, part(150.0 / 331, width), part(150.0 / 331, height), 30, 0.9F, 8, 4};
  }
}

template <class Items>
const auto& one_of(const Items& items, Rng& rng) {
  return items[static_cast<std::size_t>(rng.below(items.size()))];
}

Step step_at(Policy policy, Operation operation, int level, bool negative, int width, int height) {
  const double magnitude = magnitude_of(policy, operation, level, width, height);
  return {operation, negative && is_signed(operation) ? -magnitude : magnitude};
}

/// An operation of the policy at one of the first `levels` levels, or at `level` where that is given.
Step any_step(Policy policy, int first_levels, std::optional<int> level, int width, int height, Rng& rng) {
  const std::vector<Operation> all = operations(policy);
  const Operation operation = one_of(all, rng);
  const int drawn = static_cast<int>(rng.below(static_cast<uint64_t>(first_levels)));
  return step_at(policy, operation, level.value_or(drawn), rng.below(2) == 0, width, height);
}

Chain drawn_pair(int width, int height, Rng& rng) {
  Chain chain;
  for (const Likely& likely : one_of(kImageNet, rng)) {
    const bool done = rng.uniform() < likely.chance, negative = rng.below(2) == 0;
    if (done) chain.push_back(step_at(Policy::autoaugment, likely.operation, likely.level, negative, width, height));
  }
  return chain;
}

double normal(Rng& rng) { return std::sqrt(-2 * std::log(1 - rng.uniform())) * std::cos(6.283185307179586 * rng.uniform()); }

/// Gamma(alpha, 1) by Marsaglia & Tsang 2000; below 1 by their boost.
double gamma(double alpha, Rng& rng) {
  if (alpha < 1) {
    const double boosted = gamma(alpha + 1, rng);
    return boosted * std::pow(1 - rng.uniform(), 1 / alpha);
  }
  const double d = alpha - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = normal(rng), root = 1 + c * x, v = root * root * root;
    if (v > 0 && std::log(1 - rng.uniform()) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
  }
}

std::vector<double> dirichlet(double alpha, int count, Rng& rng) {
  std::vector<double> shares;
  double sum = 0;
  for (int i = 0; i < count; ++i) sum += shares.emplace_back(gamma(alpha, rng));
  for (double& share : shares) share = sum > 0 ? share / sum : 1.0 / count;
  return shares;
}

Mixture drawn_mixture(const PolicySettings& settings, int width, int height, Rng& rng) {
  Mixture mixture;
  const std::vector<double> two = dirichlet(settings.alpha, 2, rng);
  mixture.shares.push_back(static_cast<float>(two[0]));
  for (const double share : dirichlet(settings.alpha, settings.width, rng)) mixture.shares.push_back(static_cast<float>(share * two[1]));
  for (int i = 0; i < settings.width; ++i) {
    const int steps = settings.depth > 0 ? settings.depth : 1 + static_cast<int>(rng.below(3));
    Chain& chain = mixture.chains.emplace_back();
    for (int step = 0; step < steps; ++step) chain.push_back(any_step(Policy::augmix, settings.severity, {}, width, height, rng));
  }
  return mixture;
}

}  // namespace

std::vector<Operation> operations(Policy policy) {
  switch (policy) {
    case Policy::none: return {};
    case Policy::randaugment:
    case Policy::trivial:
      return {identity, shear_x,  shear_y,   translate_x, translate_y, rotate,       brightness,
              colour,   contrast, sharpness, posterise,   solarise,    autocontrast, equalise};
    case Policy::autoaugment:
      return {shear_x,  shear_y,   translate_x, translate_y, rotate,       brightness, colour,
              contrast, sharpness, posterise,   solarise,    autocontrast, equalise,   invert};
    case Policy::augmix:
      return {shear_x,      shear_y,  translate_x, translate_y, rotate,   posterise, solarise,
              autocontrast, equalise, brightness,  colour,      contrast, sharpness};
  }
  return {};
}

int levels(Policy policy) { return policy == Policy::randaugment || policy == Policy::trivial ? 31 : 10; }

double magnitude_of(Policy policy, Operation operation, int level, int width, int height) {
  const Reach reach = reach_of(policy, width, height);
  const auto up_to = [&](float most) { return linear(0, most, levels(policy), level); };
  switch (operation) {
    case shear_x:
    case shear_y: return up_to(reach.shear);
    case translate_x: return up_to(reach.translate_x);
    case translate_y: return up_to(reach.translate_y);
    case rotate: return up_to(reach.rotate);
    case brightness:
    case colour:
    case contrast:
    case sharpness: return up_to(reach.factor);
    case posterise: return bits(reach.bits, reach.fewer, levels(policy), level);
    case solarise: return linear(255, 0, levels(policy), level);
    case identity:
    case autocontrast:
    case equalise:
    case invert: return 0;
  }
  return 0;
}

bool is_signed(Operation operation) { return operation >= shear_x && operation <= sharpness; }

Mixture draw_policy(const PolicySettings& settings, int width, int height, Rng& rng) {
  switch (settings.policy) {
    case Policy::none: return {};
    case Policy::randaugment: {
      Chain chain;
      for (int i = 0; i < settings.ops; ++i)
        chain.push_back(any_step(settings.policy, levels(settings.policy), settings.magnitude, width, height, rng));
      return {{chain}, {}};
    }
    case Policy::trivial: return {{{any_step(settings.policy, levels(settings.policy), {}, width, height, rng)}}, {}};
    case Policy::autoaugment: return {{drawn_pair(width, height, rng)}, {}};
    case Policy::augmix: return drawn_mixture(settings, width, height, rng);
  }
  return {};
}

}  // namespace graft::data
