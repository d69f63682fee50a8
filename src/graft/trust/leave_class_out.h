// Which score of strangeness suits these photos: the one that best separates photos of a class that was left out from the others.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/head/problem.h"
#include "graft/trust/unknown.h"

namespace graft::trust {

struct TriedScore {
  Strangeness score;
  double auroc;  // of a left-out class against held-out photos of the other classes, averaged over the classes
};

struct ChosenScore {
  Strangeness score;
  std::vector<TriedScore> tried;        // the best first; empty if there was nothing to try them on
  std::size_t classes = 0, photos = 0;  // left out; examined
  std::string reason;                   // half a sentence
};

/// On at most 600 of the training rows. Up to 8 classes are left out in turn; from 16 classes on, an eighth of them, three times.
/// Half of the other photos are known to the model (their clouds, their rows and, with SingleLabel and more than two classes, a
/// head that is solved again with the penalty `l2`); the other half is compared with those left out. With two classes, no head
/// can be solved without one of them, so only scores of the features are tried; the same holds for MultiLabel, where the photos
/// with the class are left out. `width`: how many of a row are the network's last features. The same for any number of threads.
ChosenScore choose_score(const head::Problem& problem, std::size_t width, double l2, uint64_t seed, ThreadPool& pool);

/// The gauge for that score from all training rows: clouds from at most 2,000, neighbors from as many as fit into 1.5 million numbers.
Gauge make_gauge(Strangeness score, const head::Problem& problem, std::size_t width, uint64_t seed, ThreadPool& pool);

}  // namespace graft::trust
