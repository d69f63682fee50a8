// The decoder of a masked autoencoder (He et al. 2022, "Masked autoencoders are scalable vision learners"). It has no published weights.
#pragma once

#include "graft/graph/graph.h"

namespace graft::models {

/// From the tokens of a vision transformer, (T, C + 1), to the pixels of each patch, as kReconstructed (T, 3 x side x side), each row by row with channels
/// last; tokens before those of the patches give such a row, too. The last channel of the input is 1 where a patch was hidden, with zeros in the
/// others, so the weights of that channel are the learned token that the authors put in its place. Layers are named as in their code; positions are
/// the authors' sines and cosines (stage graph::kFixedPositions), and other parameters are empty.
/// Error (usage) if `encoder`, which gives a vector, is no vision transformer, or `width` no multiple of 32, the width of a head.
graph::Graph masked_decoder(const graph::Graph& encoder, int64_t layers, int64_t width);

}  // namespace graft::models
