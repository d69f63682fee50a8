// Small networks and two domains of pictures for the tests of translation.
#pragma once

#include <algorithm>
#include <memory>
#include <span>

#include "graft/base/rng.h"
#include "graft/models/cyclegan.h"
#include "graft/train/translation.h"
#include "graft/transfer/initialise.h"

namespace graft::train::translating {

inline constexpr int kSide = 8;

/// Drawn as the authors do, and then so much larger that the bends of the activations are seen.
inline graph::Graph drawn(graph::Graph graph, uint64_t seed, float times) {
  transfer::initialise(graph, seed);
  for (graph::Parameter& p : graph.parameters) {
    std::vector<float> values(p.tensor.values.begin(), p.tensor.values.end());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = p.shape.size() == 1 ? 0.03F * static_cast<float>(i) : times * values[i];
    p.tensor = graph::Tensor::copy_of(values);
  }
  return graph;
}

inline TranslationNetworks networks(int64_t width = 2, float times = 10) {
  return {drawn(models::cyclegan_generator(kSide, width, 1), 1, times), drawn(models::cyclegan_generator(kSide, width, 1), 2, times),
          drawn(models::cyclegan_discriminator(kSide, width, 1), 3, times), drawn(models::cyclegan_discriminator(kSide, width, 1), 4, times)};
}

/// Pictures with a bright square somewhere: of the source's colour, or of the target's.
inline Unlabelled squares(std::size_t count, std::size_t colour) {
  return {count, [colour](uint64_t pass, std::span<const std::size_t> which, std::span<float> out) {
            std::ranges::fill(out, -0.8F);
            for (std::size_t i = 0; i < which.size(); ++i) {
              Rng rng(pass, which[i]);
              const std::size_t top = rng.below(kSide - 3), left = rng.below(kSide - 3);
              for (std::size_t y = top; y < top + 3; ++y)
                for (std::size_t x = left; x < left + 3; ++x) out[((i * kSide + y) * kSide + x) * 3 + colour] = 0.8F;
            }
          }};
}

}  // namespace graft::train::translating
