// A network of the registry against the program that its weights come from: both are shown the same pixels. It finds an architecture that only has the
// same names and shapes (TensorFlow's padding), and pictures that are normalised otherwise.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/size.h"
#include "graft/models/registry.h"
#include "graft/weights/file/state_dict.h"

namespace graft::engine {

/// What the other program said of a picture: a safetensors file with "pixels", uint8 (height, width, 3), before they are normalised, and "logits".
struct Reference {
  std::string name;  // printable path
  Size size;
  std::vector<uint8_t> pixels;
  std::vector<float> logits;
};

/// Error (data) for a file of other tensors.
Reference read_reference(const std::filesystem::path& file);

/// The largest difference of the network's logits with these weights, in float32, as a part of the reference's largest logit. Errors (data) as
/// weights::load: all weights must be there, for as many classes as there are logits.
double difference_from(const Reference& reference, const models::Network& network, const weights::StateDict& dict);

inline constexpr double kSameAsReference = 1e-3;  // float32 summed in another order differs by less

}  // namespace graft::engine
