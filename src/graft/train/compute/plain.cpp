// The table in plain ATen calls: what each of its functions means. Everything is computed in the exact type and rounded once, at its end.
#include "graft/train/compute/compute.h"

namespace graft::train {
namespace {

at::Tensor exact(const at::Tensor& x) { return x.to(exact_type(x.scalar_type())); }

at::Tensor shaped(const at::Tensor& x, Shape shape) {
  switch (shape) {
    case Shape::identity: return x;
    case Shape::relu: return at::relu(x);
    case Shape::relu6: return at::clamp(x, 0, 6);
    case Shape::silu: return at::silu(x);
    case Shape::hard_swish: return at::hardswish(x);
  }
  return {};
}

/// The gradient by x from the one by shaped(x).
at::Tensor shaped_backward(const at::Tensor& dy, const at::Tensor& x, Shape shape) {
  switch (shape) {
    case Shape::identity: return dy;
    case Shape::relu: return at::threshold_backward(dy, x, 0);
    case Shape::relu6: return at::hardtanh_backward(dy, x, 0, 6);
    case Shape::silu: return at::silu_backward(dy, x);
    case Shape::hard_swish: return at::hardswish_backward(dy, x);
  }
  return {};
}

at::Tensor normalised(const at::Tensor& x, const at::Tensor& constants) { return exact(x) * constants[0] + constants[1]; }

at::Tensor exact_value(const Value& v) { return v.constants.defined() ? shaped(normalised(v.tensor, v.constants), v.shape) : exact(v.tensor); }

at::Tensor exact_gradient(const Gradient& g) {
  const at::Tensor dy = exact(g.tensor);
  if (!g.z.defined()) return dy;
  const at::Tensor dz = shaped_backward(dy, normalised(g.z, g.constants), g.shape);
  return dz * g.constants[2] + exact(g.z) * g.constants[3] + g.constants[4];
}

/// Values as what is computed in blocks reads them: rounded.
at::Tensor rounded(const at::Tensor& x, at::ScalarType storage) { return x.to(storage).to(exact_type(storage)); }

/// Of rows of channels, as one part: (1, 2, C), in float64.
at::Tensor sums_by_channel(const at::Tensor& first, const at::Tensor& second) {
  return at::stack({first.flatten(0, -2).sum(0, false, at::kDouble), second.flatten(0, -2).sum(0, false, at::kDouble)}).unsqueeze(0);
}

at::Tensor plain_materialise(const Value& v, Buffers&) { return exact_value(v).to(v.tensor.scalar_type()); }
at::Tensor plain_through(const Gradient& g, Buffers&) { return exact_gradient(g).to(g.tensor.scalar_type()); }
at::Tensor plain_join(const Value& first, const Value& second, Shape shape, Buffers&) {
  return shaped(exact_value(first) + exact_value(second), shape).to(first.tensor.scalar_type());
}

at::Tensor plain_moments(const at::Tensor& x) {
  const at::Tensor values = x.to(at::kDouble);
  return sums_by_channel(values, values * values);
}

at::Tensor plain_backward_sums(const Value& x, const at::Tensor& dy) {
  const at::Tensor values = exact(x.tensor),
                   dz = x.constants.defined() ? shaped_backward(exact(dy), normalised(values, x.constants), x.shape) : exact(dy);
  return sums_by_channel(dz, dz * values);
}

/// (N, C, H, W) with the zeros that the windows see beside the picture; a part of it that no window sees is left out.
at::Tensor seen_by_windows(const Depthwise& d, const at::Tensor& x) {
  const int64_t right = (d.out_width - 1) * d.stride + d.kernel - d.width - d.pad_left;
  const int64_t below = (d.out_height - 1) * d.stride + d.kernel - d.height - d.pad_top;
  return at::constant_pad_nd(x, {0, 0, d.pad_left, right, d.pad_top, below}).permute({0, 3, 1, 2}).contiguous();
}

Convolved with_moments(const at::Tensor& output, at::ScalarType storage, bool moments) {
  const at::Tensor stored = output.to(storage);
  return {stored, moments ? plain_moments(stored) : at::Tensor()};
}

Convolved plain_depthwise(const Depthwise& d, const Value& x, const at::Tensor& weight, bool moments, Buffers&) {
  const at::Tensor out =
      at::convolution(seen_by_windows(d, exact_value(x)), weight, std::nullopt, {d.stride, d.stride}, {0, 0}, {1, 1}, false, {0, 0}, d.channels);
  return with_moments(out.permute({0, 2, 3, 1}).contiguous(), x.tensor.scalar_type(), moments);
}

ConvolutionGradients plain_depthwise_backward(const Depthwise& d, const Value& x, const Gradient& dy, const at::Tensor& weight, Wanted wanted,
                                              Buffers&) {
  const at::Tensor seen = seen_by_windows(d, exact_value(x)), out = exact_gradient(dy).permute({0, 3, 1, 2}).contiguous();
  const auto [dseen, dweight, dbias] = at::convolution_backward(out, seen, weight, std::nullopt, {d.stride, d.stride}, {0, 0}, {1, 1}, false, {0, 0},
                                                                d.channels, {wanted.dx, wanted.dweight, false});
  ConvolutionGradients to{.dweight = dweight};
  if (wanted.dx) {
    const int64_t right = d.width + d.pad_left - dseen.size(3), below = d.height + d.pad_top - dseen.size(2);  // zeros for what no window saw
    to.dx = at::constant_pad_nd(dseen, {-d.pad_left, right, -d.pad_top, below}).permute({0, 2, 3, 1}).contiguous().to(x.tensor.scalar_type());
  }
  if (wanted.sums) to.sums = plain_backward_sums(x, to.dx);
  return to;
}

Convolved plain_pointwise(const Value& x, const at::Tensor& weight, const at::Tensor& bias, bool moments, Buffers&) {
  const at::ScalarType storage = x.tensor.scalar_type();
  at::Tensor out = at::matmul(rounded(exact_value(x), storage), rounded(weight, storage).flatten(1).t());
  if (bias.defined()) out = out + bias;
  return with_moments(out, storage, moments);
}

ConvolutionGradients plain_pointwise_backward(const Value& x, const Gradient& dy, const at::Tensor& weight, const at::Tensor& others, Wanted wanted,
                                              Buffers&) {
  const at::ScalarType storage = x.tensor.scalar_type();
  const at::Tensor out = rounded(exact_gradient(dy), storage);
  ConvolutionGradients to;
  if (wanted.dweight) to.dweight = at::mm(out.flatten(0, -2).t(), rounded(exact_value(x), storage).flatten(0, -2));
  if (!wanted.dx) return to;
  const at::Tensor dx = at::matmul(out, rounded(weight, storage).flatten(1));
  to.dx = (others.defined() ? dx + exact(others) : dx).to(storage);
  if (wanted.sums) to.sums = plain_backward_sums(x, to.dx);
  return to;
}

bool plain_has_blocks(at::ScalarType, int64_t, int64_t) { return true; }

}  // namespace

Compute plain(at::Device device) {
  return {.name = "plain",
          .device = device,
          .materialise = plain_materialise,
          .through = plain_through,
          .join = plain_join,
          .moments = plain_moments,
          .backward_sums = plain_backward_sums,
          .depthwise = plain_depthwise,
          .depthwise_backward = plain_depthwise_backward,
          .has_blocks = plain_has_blocks,
          .pointwise = plain_pointwise,
          .pointwise_backward = plain_pointwise_backward};
}

}  // namespace graft::train
