// Photos with probabilities that are known to be right, or wrong in a known way.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "graft/base/rng.h"
#include "graft/eval/scores.h"

namespace graft::trust {

/// Logits whose softmax is the truth: each label is drawn by it. Multiplied by `sureness`, they are that much too sure.
struct Made {
  std::vector<float> logits;
  std::vector<int> labels;
  std::size_t classes;

  eval::Truth truth() const { return {data::SingleLabel{}, labels.size(), labels}; }
  std::vector<float> probabilities() const {
    std::vector<float> p = logits;
    eval::softmax(p, classes);
    return p;
  }
};

inline Made made_photos(std::size_t photos, std::size_t classes, double spread, double sureness, uint64_t seed) {
  Rng rng(seed, 1);
  Made made{{}, {}, classes};
  for (std::size_t i = 0; i < photos; ++i) {
    std::vector<float> z;
    for (std::size_t k = 0; k < classes; ++k) z.push_back(static_cast<float>(spread * (2 * rng.uniform() - 1)));
    std::vector<float> p = z;
    eval::softmax(p, classes);
    double u = rng.uniform();
    std::size_t label = 0;
    while (label + 1 < classes && u >= static_cast<double>(p[label])) u -= static_cast<double>(p[label++]);
    made.labels.push_back(static_cast<int>(label));
    for (const float value : z) made.logits.push_back(static_cast<float>(sureness * static_cast<double>(value)));
  }
  return made;
}

}  // namespace graft::trust
