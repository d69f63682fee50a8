// What the tokens of a transformer look at, by the weights of its attentions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace graft::explain {

/// The mean over its heads of what each token looks at, (tokens, tokens), rows that sum to 1: softmax(q k^T / sqrt(C / heads)) of `qkv`, (tokens, 3 C).
std::vector<float> attention_of(std::span<const float> qkv, std::size_t tokens, std::size_t heads);

/// What a token of the last layer looks at of the picture's tokens (Abnar and Zuidema 2020, "Quantifying attention flow"): each layer hands on as much of
/// a token itself as of what it attends to. `begin`: how much each token of the last layer counts, sum 1; `layers`: the attentions, the first one first.
/// (tokens), sum 1.
std::vector<float> roll_out(std::vector<float> begin, std::span<const std::vector<float>> layers);

}  // namespace graft::explain
