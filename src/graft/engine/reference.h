// Compares a network of the registry with the program that its weights come from, on the same pixels. This detects
// an architecture that only has the same names and shapes (TensorFlow's padding), and a different normalization.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/size.h"
#include "graft/models/registry.h"
#include "graft/weights/file/state_dict.h"

namespace graft::engine {

/// The other program's answer for a picture: a safetensors file with "pixels", uint8 (height, width, 3), before normalization, and "logits".
struct Reference {
  std::string name;  // printable path
  Size size;
  std::vector<uint8_t> pixels;
  std::vector<float> logits;
};

/// Error (data) if the file has other tensors.
Reference read_reference(const std::filesystem::path& file);

/// The largest difference of the network's logits with these weights, in float32, as a fraction of the reference's
/// largest logit. Errors (data) as weights::load: all weights must be there, for as many classes as there are logits.
double difference_from(const Reference& reference, const models::Network& network, const weights::StateDict& dict);

inline constexpr double kSameAsReference = 1e-3;  // float32 summed in another order differs by less

}  // namespace graft::engine
