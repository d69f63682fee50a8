// What comes from the host's memory into a device's tensors.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>

namespace graft::train {

/// A tensor of its own, with these values, row-major; as many as `sizes` say.
at::Tensor from_host(std::span<const float> values, at::IntArrayRef sizes, const at::TensorOptions& options);

/// By element: true with probability 1 - p. Drawn one after the other from Rng(seed, stream), so that it is the same on every device.
at::Tensor drawn(uint64_t seed, uint64_t stream, double p, at::IntArrayRef sizes, at::Device device);

}  // namespace graft::train
