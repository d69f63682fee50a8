// Numbers inside a model's metadata, which is text: half precision (IEEE 754 binary16, three digits), little-endian, in base64 (RFC 4648).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace graft::trust {

/// The value rounded to half precision: to nearest, ties to even; infinite beyond its range.
float as_half(float value);

std::string to_base64_halves(std::span<const float> values);

/// Nothing if the text does not hold whole numbers of this format, or one that is not finite.
std::optional<std::vector<float>> from_base64_halves(std::string_view text);

}  // namespace graft::trust
