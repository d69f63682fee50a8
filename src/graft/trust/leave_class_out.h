// Which score of strangeness suits these photos: the one by which photos of a class that was left out stand apart most from those that stayed.
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
  double auroc;  // of a class that was left out against photos of the others that were held out, in the mean over the classes
};

struct ChosenScore {
  Strangeness score;
  std::vector<TriedScore> tried;        // the best first; empty where there was nothing to try it on
  std::size_t classes = 0, photos = 0;  // left out; looked at
  std::string reason;                   // half a sentence
};

/// On at most 600 of the training rows, with up to 8 classes left out in turn; from 16 classes on, three times an eighth of them. Half of the other photos are what
/// is known: their clouds, their rows and, with SingleLabel and more than two classes, a head that is solved again with the penalty `l2`; the other half is
/// compared with what was left out. Where there are only two classes
/// none is left to solve a head for, so features alone are tried; so they are with MultiLabel, where photos with the class are left out.
/// `width`: how many of a row are the network's last features. The same for any number of threads.
ChosenScore choose_score(const head::Problem& problem, std::size_t width, double l2, uint64_t seed, ThreadPool& pool);

/// The gauge of all training rows with that score: clouds of at most 2,000, neighbours of as many as 1.5 million numbers hold.
Gauge make_gauge(Strangeness score, const head::Problem& problem, std::size_t width, uint64_t seed, ThreadPool& pool);

}  // namespace graft::trust
