// Position embeddings for an input size other than the file's: a vision transformer has learned one vector for each position of a square of patches.
#pragma once

#include <span>
#include <vector>

#include "graft/graph/graph.h"

namespace graft::weights {

/// A parameter (1, prefix + height width, C): a vector for each patch, row by row, behind that of the class token, where there is one.
struct Positions {
  std::string_view name;
  int64_t prefix = 0, height = 0, width = 0, channels = 0;
};

/// Those of the graph.
std::vector<Positions> positions_of(const graph::Graph& graph);

/// Whether positions of shape `from`, of a square of patches, can be resampled to fit `to`.
bool can_resample_positions(const graph::Dims& from, const Positions& to);

/// Whether positions of `to`'s own shape could also be those of a square: 12x12 and 18x8 are equally many.
bool may_be_square(const Positions& to);

/// Positions, row-major of shape `from`, resampled as timm's resample_abs_pos_embed does: bicubic, widened when it shrinks, as Pillow's
/// resize; the class token's position stays. can_resample_positions(from, to) must hold.
std::vector<float> resample_positions(std::span<const float> values, const graph::Dims& from, const Positions& to);

}  // namespace graft::weights
