// What passes between the host's memory and a device's tensors.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

namespace graft::train {

/// A tensor of its own, with these values, row-major; as many as `sizes` say.
at::Tensor from_host(std::span<const float> values, at::IntArrayRef sizes, const at::TensorOptions& options);

/// By element: true with probability 1 - p. Drawn one after the other from Rng(seed, stream), so that it is the same on every device.
at::Tensor drawn(uint64_t seed, uint64_t stream, double p, at::IntArrayRef sizes, at::Device device);

/// The length of all of them as one vector, in float64. Waits for the device once.
double norm_of_all(const std::vector<at::Tensor>& tensors);

}  // namespace graft::train
