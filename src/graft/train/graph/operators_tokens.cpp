// Layer norm, linear layers and what transformers are made of.
#include <cmath>

#include "graft/train/graph/operators.h"

namespace graft::train {

void ForwardOf::operator()(const graph::LayerNorm& n) const {
  const at::Tensor weight = stored(0), bias = stored(1);
  auto [out, mean, deviation] = at::native_layer_norm(in(), weight.sizes(), weight, bias, n.eps);
  give(out);
  if (will_go_back()) more() = {mean, deviation};
}
void BackwardOf::operator()(const graph::LayerNorm&) const {
  const at::Tensor weight = stored(0), bias = stored(1);
  const bool trains = mode().trains;
  auto [dx, dweight, dbias] =
      at::native_layer_norm_backward(gradient(), in(), weight.sizes(), more()[0], more()[1], weight, bias, {wanted(), trains, trains});
  if (trains) {
    give_parameter(0, dweight);
    give_parameter(1, dbias);
  }
  if (wanted()) give(dx);
}

/// (N, F) or (N, T, F): rows of features.
void ForwardOf::operator()(const graph::Linear&) const { give(at::linear(in(), stored(0), stored(1))); }
void BackwardOf::operator()(const graph::Linear&) const {
  const at::Tensor rows = gradient().flatten(0, -2);
  if (mode().trains) {
    give_parameter(0, at::mm(rows.t(), in().flatten(0, -2)));
    give_parameter(1, rows.sum(0, false, exact()));
  }
  if (wanted()) give(at::matmul(gradient(), stored(0)));
}

void ForwardOf::operator()(const graph::Tokens&) const { give(in().flatten(1, 2)); }
void BackwardOf::operator()(const graph::Tokens&) const { give(gradient().view({-1, from()[1], from()[2], from()[0]})); }

void ForwardOf::operator()(const graph::Picture&) const { give(in().view({-1, node().dims[1], node().dims[2], node().dims[0]})); }
void BackwardOf::operator()(const graph::Picture&) const { give(gradient().flatten(1, 2)); }

void ForwardOf::operator()(const graph::ClassToken&) const { give(at::cat({stored(0).expand({in().size(0), 1, -1}), in()}, 1)); }
void BackwardOf::operator()(const graph::ClassToken&) const {
  if (mode().trains) give_parameter(0, gradient().select(1, 0).sum(0, false, exact()));
  if (wanted()) give(gradient().narrow(1, 1, from()[0]).contiguous());
}

void ForwardOf::operator()(const graph::PositionEmbedding&) const { give(in() + stored(0)); }
void BackwardOf::operator()(const graph::PositionEmbedding&) const {
  if (mode().trains) give_parameter(0, gradient().sum(0, false, exact()));
  give(gradient());
}

void ForwardOf::operator()(const graph::FirstToken&) const { give(in().select(1, 0).contiguous()); }
void BackwardOf::operator()(const graph::FirstToken&) const { give(at::constant_pad_nd(gradient().unsqueeze(1), {0, 0, 0, from()[0] - 1})); }

namespace {

/// (3, N, heads, T, C / heads): queries, keys, values.
at::Tensor heads_of(const at::Tensor& joint, int64_t heads) { return joint.unflatten(2, {3, heads, -1}).permute({2, 0, 3, 1, 4}).contiguous(); }

at::Tensor attention_weights(const at::Tensor& parts) {
  const double factor = 1 / std::sqrt(static_cast<double>(parts.size(-1)));
  return at::softmax(at::matmul(parts[0] * factor, parts[1].transpose(-2, -1)), -1);
}

}  // namespace

void ForwardOf::operator()(const graph::Attention& a) const {
  const at::Tensor parts = heads_of(in(), a.heads);
  give(at::matmul(attention_weights(parts), parts[2]).transpose(1, 2).flatten(2).contiguous());
}

/// The weights are computed again: they are T / C times as large as the input.
void BackwardOf::operator()(const graph::Attention& a) const {
  const at::Tensor parts = heads_of(in(), a.heads), weights = attention_weights(parts);
  const at::Tensor mixed = gradient().unflatten(2, {a.heads, -1}).transpose(1, 2);
  const at::Tensor dvalues = at::matmul(weights.transpose(-2, -1), mixed);
  const at::Tensor dweights = at::matmul(mixed, parts[2].transpose(-2, -1));
  const double factor = 1 / std::sqrt(static_cast<double>(parts.size(-1)));
  const at::Tensor dscores = at::_softmax_backward_data(dweights, weights, -1, weights.scalar_type()) * factor;
  const at::Tensor joint = at::stack({at::matmul(dscores, parts[1]), at::matmul(dscores.transpose(-2, -1), parts[0]), dvalues});
  give(joint.permute({1, 3, 0, 2, 4}).flatten(2).contiguous());
}

}  // namespace graft::train
