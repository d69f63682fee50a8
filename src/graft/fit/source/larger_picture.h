// Tests whether the head does better with a larger picture than the network was trained on.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>

#include "graft/fit/job/state.h"

namespace graft::fit {

struct LargerPicture {
  bool taken = false;
  std::size_t computed = 0;              // photos whose features at the larger size were not in the cache
  nlohmann::ordered_json compared = {};  // for history.json; empty if there was nothing to compare
};

/// In training a random part of a photo is blown up, so objects look larger than in use, and a larger picture in use makes up for it (Touvron et al.
/// 2019). Compares the network's square with one 9/7 as large (224 pixels: 288), cut out of the photo alike, by the cross-validated log loss of the head
/// that the options describe, on at most 400 training photos. Takes the larger one, network and preprocessing, if it lowers the log loss by at least 5 %,
/// by at least 0.005 nats and by more than one standard error. Does nothing if --size or --resize is given, if --sources chose the network (whose cost
/// counted), if the network is not a published one of the registry or does not accept the larger size, or if half of the photos are smaller than that.
LargerPicture take_larger_picture(Job& job);

}  // namespace graft::fit
