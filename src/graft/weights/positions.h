// Position embeddings for another input size than the file's: a vision transformer learned one vector for each place of a square of patches.
#pragma once

#include <span>
#include <vector>

#include "graft/graph/graph.h"

namespace graft::weights {

/// Names of the graph's parameters that are positions.
std::vector<std::string_view> position_names(const graph::Graph& graph);

/// Whether positions of shape `from` can be made to fit `to`: both (1, P + g g, C) with the same P (1 with a class token before them, else 0) and C.
bool can_resample_positions(const graph::Dims& from, const graph::Dims& to);

/// Positions, row-major of shape `from`, resampled as timm's resample_abs_pos_embed does: bicubic, widened when the square shrinks, as Pillow's
/// resize; the class token's position stays. can_resample_positions(from, to) must hold.
std::vector<float> resample_positions(std::span<const float> values, const graph::Dims& from, const graph::Dims& to);

}  // namespace graft::weights
