// Transfers between host memory and tensors on a device.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

namespace graft::train {

/// A new tensor with a copy of these values, row-major; their number must match `sizes`.
at::Tensor from_host(std::span<const float> values, at::IntArrayRef sizes, const at::TensorOptions& options);

/// A random mask: each element is true with probability 1 - p. Drawn in order from Rng(seed, stream), so that it is the same on every device.
at::Tensor drawn(uint64_t seed, uint64_t stream, double p, at::IntArrayRef sizes, at::Device device);

/// The Euclidean norm of all tensors as one vector, in float64. Synchronizes with the device once.
double norm_of_all(const std::vector<at::Tensor>& tensors);

}  // namespace graft::train
