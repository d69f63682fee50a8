// What the tokens of a transformer attend to, by the weights of its attentions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace graft::explain {

/// The attention of each token, averaged over the heads, (tokens, tokens), rows sum to 1: softmax(q k^T / sqrt(C / heads)) of `qkv`, (tokens, 3 C).
std::vector<float> attention_of(std::span<const float> qkv, std::size_t tokens, std::size_t heads);

/// How much a token of the last layer attends to each token of the picture (Abnar and Zuidema 2020, "Quantifying
/// attention flow"): each layer passes on a token and what it attends to in equal shares. `begin`: the weight of
/// each token of the last layer, sum 1; `layers`: the attentions, first layer first. (tokens), sum 1.
std::vector<float> roll_out(std::vector<float> begin, std::span<const std::vector<float>> layers);

}  // namespace graft::explain
