// Convolutions of one place. With products in bf16 (AMX) they go over memory once: each block of rows is normalised, multiplied, rounded and summed
// up while it is in the cache.

#include "graft/train/operators.h"
#include "graft/train/parallel.h"
#include "graft/train/products.h"

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

}  // namespace

bool NodeOf::in_blocks(const graph::Conv2d& c) const {
  const bool blocks = !executor.by_aten_[index] && has_products(executor.storage_, from()[0], c.out);
  executor.kernel_ = blocks ? kBlocks : kAten;
  return blocks;
}

void ForwardOf::pointwise(const graph::Conv2d& c) const {
  const Size channels = from()[0];
  if (!in_blocks(c)) {
    const at::Tensor& x = in();
    const at::Tensor rows = at::linear(x.view({-1, channels}), stored(0).flatten(1), c.bias ? std::optional(stored(1)) : std::nullopt);
    return give(rows.view({x.size(0), x.size(1), x.size(2), c.out}));
  }
  const Value x = read_input();
  const at::Tensor out = empty({x.tensor.size(0), x.tensor.size(1), x.tensor.size(2), c.out}), weight = paired(stored(0).flatten(1).t().contiguous());
  const Blocks blocks(x.tensor.numel() / channels, channels, c.out);
  const at::Tensor moments = place_of_moments(blocks.groups, c.out);
  if (moments.defined()) moments.zero_();
  blocks.in_parallel([&](Size group, bool, Size first, Size rows) {
    Scratch scratch(blocks.block * (2 * channels + 4 * c.out));
    const Bf16* a = normalised(x.source<Bf16>(), first, rows, channels, scratch.take<Bf16>(rows * channels));
    float* const sums = scratch.take<float>(rows * c.out);
    product(rows, c.out, channels, a, read<Bf16>(weight), sums);
    Bf16* const to = write<Bf16>(out) + first * c.out;
    kernels().half.narrow(sums, c.bias ? read<float>(parameter(1)) : nullptr, nullptr, to, rows, c.out);
    if (float* const m = part(moments, group)) kernels().half.moments(to, rows, c.out, m, m + c.out);
  });
  give(out);
}

void BackwardOf::pointwise(const graph::Conv2d& c) const {
  const Size channels = from()[0];
  const bool trains = mode().trains;
  if (!in_blocks(c)) {
    const at::Tensor& x = in();
    const at::Tensor rows = gradient().view({-1, c.out});
    if (trains) give_parameter(0, at::mm(rows.t(), x.view({-1, channels})));
    if (wanted()) give(at::mm(rows, stored(0).flatten(1)).view(x.sizes()));
    return;
  }
  const Value x = read_input();
  const Blocks blocks(x.tensor.numel() / channels, channels, c.out);
  const Source<Bf16> source = x.source<Bf16>();
  const Incoming<Bf16> dy = incoming().incoming<Bf16>();
  at::Tensor dx, dweight, sums, weight, others;
  if (trains) dweight = empty_floats({blocks.groups, c.out, channels});
  if (wanted()) {
    dx = empty(x.tensor.sizes());
    weight = paired(stored(0).flatten(1).contiguous());
    others = given();
    if (sums_wanted()) sums = empty_floats({blocks.groups, 2, channels}).zero_();
  }
  blocks.in_parallel([&](Size group, bool begins, Size first, Size rows) {
    Scratch scratch(blocks.block * (4 * channels + 4 * c.out + 4 * channels));
    const Bf16* gradient = through_norm(dy, first, rows, c.out, scratch.take<Bf16>(rows * c.out));
    if (trains) {
      const Bf16* input = normalised(source, first, rows, channels, scratch.take<Bf16>(rows * channels));
      Bf16 *const turned = scratch.take<Bf16>(blocks.block * c.out), *const pairs = scratch.take<Bf16>(blocks.block * channels);
      kernels().turn_rows(gradient, rows, c.out, turned, blocks.block);
      pair(input, rows, channels, pairs, blocks.block);
      product(c.out, channels, blocks.block, turned, pairs, part(dweight, group), !begins);
    }
    if (!wanted()) return;
    float* const values = scratch.take<float>(rows * channels);
    product(rows, channels, c.out, gradient, read<Bf16>(weight), values);
    Bf16* const to = write<Bf16>(dx) + first * channels;
    kernels().half.narrow(values, nullptr, others.defined() ? read<Bf16>(others) + first * channels : nullptr, to, rows, channels);
    if (float* const s = part(sums, group))
      kernels().half.backward_sums(source.x + first * channels, to, source.scale, source.shift, source.shape, rows, channels, s, s + channels);
  });
  if (trains) give_parameter(0, dweight.sum(0));
  if (wanted()) give_all(dx, sums);
}

}  // namespace graft::train
