// Random values for a network that is trained from scratch, drawn as the constructors of torchvision and timm draw them, so that learning rates found
// with those hold here. The start of a parameter's journey where no file has it.
#pragma once

#include <cstdint>

#include "graft/graph/graph.h"

namespace graft::transfer {

/// Every parameter gets a new tensor: weights and biases by the family's rule, which follows from the
/// graph's name (ResNet's rule for unknown names); norms 1 and 0, running statistics 0 and 1, layer scales
/// 1e-6 (1e-5 of DINOv2). A parameter's values are a function of (seed, its name and shape, its position in
/// the network) only: neither order nor another head changes them. A Foreign operator keeps what it has.
void initialise(graph::Graph& graph, uint64_t seed);

/// The parameters of the last stage alone, and of graph::kBottleneck before it where that is there without values, as PyTorch's nn.Linear draws its own: evenly up to 1 / sqrt(inputs).
void initialise_head(graph::Graph& graph, uint64_t seed);

}  // namespace graft::transfer
