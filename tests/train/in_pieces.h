// Trainings that are stopped and gone on with, for the tests that they end as though nothing had happened.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "folder.h"
#include "graft/base/error.h"
#include "graft/base/rng.h"
#include "graft/train/train.h"

namespace graft::train::small {

/// So many different ones of the steps from 1 on.
inline std::set<int> random_stops(Rng rng, std::size_t count, int steps) {
  std::set<int> stops;
  while (stops.size() < count) stops.insert(static_cast<int>(rng.below(static_cast<uint64_t>(steps))) + 1);
  return stops;
}

/// A training with these hooks that is stopped after each of `stops`, counted over all its pieces, and gone on with again.
inline TrainResult in_pieces(const std::set<int>& stops, const std::function<TrainResult(const Hooks& hooks)>& train_with) {
  const TestFolder folder;
  int step = 0;
  for (std::size_t pieces = 0;; ++pieces) {
    EXPECT_LE(pieces, stops.size());
    try {
      TrainResult result = train_with(
          {.stop = [&] { return stops.contains(++step); }, .checkpoint = folder.path() / "checkpoint.safetensors", .identity = {{"data", "made"}}});
      EXPECT_EQ(pieces, stops.size());
      return result;
    } catch (const Interrupted&) {}
  }
}

}  // namespace graft::train::small
