#include "graft/train/compute/cpu_pointwise.h"

#include <algorithm>

#include "graft/train/compute/parallel.h"
#include "graft/train/compute/pointers.h"

namespace graft::train {
namespace {

constexpr Size kBlockBytes = 384 * 1024;  // of the rows that are worked on at once
constexpr Size kManyWeights = 65536;      // whose gradients are summed in fewer parts

/// How the rows (places of pictures) are cut: groups of blocks, which do not depend on the number of threads.
struct Blocks {
  Size rows, in, out, block, count, groups;

  Blocks(Size n, Size from, Size to) : rows(n), in(from), out(to) {
    block = std::clamp(kBlockBytes / (4 * (in + out)) / 32 * 32, Size{32}, Size{512});
    count = (rows + block - 1) / block;
    groups = std::min(count, in * out > kManyWeights ? kRowGroups / 4 : kRowGroups);
  }

  /// work(group, first row, number of rows) for each block in turn.
  template <class F>
  void in_parallel(F&& work) const {
    parallel_for(0, groups, 1, [&](int64_t begin, int64_t end) {
      for (Size group = begin; group < end; ++group)
        for (Size b = group * count / groups; b < (group + 1) * count / groups; ++b)
          work(group, b == group * count / groups, b * block, std::min(block, rows - b * block));
      end_products();
    });
  }
};

/// (out, in), in the type that pictures are stored in.
at::Tensor factor_of(const at::Tensor& weight) { return weight.to(at::kBFloat16).flatten(1); }

}  // namespace

Convolved pointwise_in_blocks(const Value& x, const at::Tensor& weight, const at::Tensor& bias, bool moments, Buffers& buffers) {
  const Size channels = weight.size(1), width = weight.size(0);
  Convolved to{buffers.empty({x.tensor.size(0), x.tensor.size(1), x.tensor.size(2), width}, at::kBFloat16), {}};
  const at::Tensor factor = paired(factor_of(weight).t().contiguous());
  const Blocks blocks(x.tensor.numel() / channels, channels, width);
  if (moments) to.moments = buffers.empty({blocks.groups, 2, width}, at::kFloat).zero_();
  blocks.in_parallel([&](Size group, bool, Size first, Size rows) {
    Scratch scratch(blocks.block * (2 * channels + 4 * width));
    const Bf16* a = normalised(source_of<Bf16>(x), first, rows, channels, scratch.take<Bf16>(rows * channels));
    float* const sums = scratch.take<float>(rows * width);
    product(rows, width, channels, a, read<Bf16>(factor), sums);
    Bf16* const place = write<Bf16>(to.output) + first * width;
    kernels().half.narrow(sums, bias.defined() ? read<float>(bias) : nullptr, nullptr, place, rows, width);
    if (float* const m = part(to.moments, group)) kernels().half.moments(place, rows, width, m, m + width);
  });
  return to;
}

ConvolutionGradients pointwise_backward_in_blocks(const Value& x, const Gradient& dy, const at::Tensor& weight, const at::Tensor& others,
                                                  Wanted wanted, Buffers& buffers) {
  const Size channels = weight.size(1), width = weight.size(0);
  const Blocks blocks(x.tensor.numel() / channels, channels, width);
  const Source<Bf16> source = source_of<Bf16>(x);
  const Incoming<Bf16> incoming = incoming_of<Bf16>(dy);
  ConvolutionGradients to;
  at::Tensor dweight, factor;
  if (wanted.dweight) dweight = buffers.empty({blocks.groups, width, channels}, at::kFloat);
  if (wanted.dx) {
    to.dx = buffers.empty(x.tensor.sizes(), at::kBFloat16);
    factor = paired(factor_of(weight).contiguous());
    if (wanted.sums) to.sums = buffers.empty({blocks.groups, 2, channels}, at::kFloat).zero_();
  }
  blocks.in_parallel([&](Size group, bool begins, Size first, Size rows) {
    Scratch scratch(blocks.block * (4 * channels + 4 * width + 4 * channels));
    const Bf16* gradient = through_norm(incoming, first, rows, width, scratch.take<Bf16>(rows * width));
    if (wanted.dweight) {
      const Bf16* input = normalised(source, first, rows, channels, scratch.take<Bf16>(rows * channels));
      Bf16 *const turned = scratch.take<Bf16>(blocks.block * width), *const pairs = scratch.take<Bf16>(blocks.block * channels);
      kernels().turn_rows(gradient, rows, width, turned, blocks.block);
      pair(input, rows, channels, pairs, blocks.block);
      product(width, channels, blocks.block, turned, pairs, part(dweight, group), !begins);
    }
    if (!wanted.dx) return;
    float* const values = scratch.take<float>(rows * channels);
    product(rows, channels, width, gradient, read<Bf16>(factor), values);
    Bf16* const place = write<Bf16>(to.dx) + first * channels;
    kernels().half.narrow(values, nullptr, others.defined() ? read<Bf16>(others) + first * channels : nullptr, place, rows, channels);
    if (float* const s = part(to.sums, group))
      kernels().half.backward_sums(source.x + first * channels, place, source.scale, source.shift, source.shape, rows, channels, s, s + channels);
  });
  if (wanted.dweight) to.dweight = dweight.sum(0);
  return to;
}

}  // namespace graft::train
