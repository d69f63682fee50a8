// kernels [TIMES]: milliseconds of the gradients of a depthwise convolution, our kernels in float32 and bf16 and ATen's convolution_backward
// (float32, channels last) in turn, batch 32, 2 threads, for the shapes of EfficientNet-Lite0. One JSON line per shape, medians.
#include <ATen/ATen.h>
#include <fmt/format.h>
#include "graft/train/compute/parallel.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "graft/train/compute/kernels.h"

namespace {

using namespace graft::train;

struct Layer {
  Size channels, side, kernel, stride;
};

constexpr Layer kLayers[] = {{32, 112, 3, 1}, {96, 112, 3, 2}, {144, 56, 3, 1}, {144, 56, 5, 2}, {240, 28, 5, 1}, {240, 28, 3, 2},
                             {480, 14, 3, 1}, {480, 14, 5, 1}, {672, 14, 5, 1}, {672, 14, 5, 2}, {1152, 7, 5, 1}, {1152, 7, 3, 1}};
constexpr Size kBatch = 32;

template <class Work>
double milliseconds(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

template <class X>
void gradients(const Depthwise& d, const at::Tensor& x, const at::Tensor& dy, const at::Tensor& taps) {
  const at::Tensor dx = at::empty_like(x), partial = at::empty({kImageGroups, d.kernel * d.kernel, d.channels});
  const auto* picture = static_cast<const X*>(x.const_data_ptr());
  const auto* gradient = static_cast<const X*>(dy.const_data_ptr());
  parallel_for(0, kImageGroups * channel_blocks(d), 1, [&](Size begin, Size end) {
    kernels_of<X>().depthwise_backward(d, {picture}, {gradient}, taps.const_data_ptr<float>(), static_cast<X*>(dx.mutable_data_ptr()),
                                       partial.mutable_data_ptr<float>(), nullptr, begin, end);
  });
  partial.sum(0);
}

void measure(const Layer& l, int times) {
  const Size pad = l.kernel / 2, out = (l.side + 2 * pad - l.kernel) / l.stride + 1;
  const Depthwise d{kBatch, l.side, l.side, l.channels, l.kernel, l.stride, pad, pad, out, out};
  const at::Tensor x = at::randn({kBatch, l.side, l.side, l.channels}), dy = at::randn({kBatch, out, out, l.channels});
  const at::Tensor half_x = x.to(at::kBFloat16), half_dy = dy.to(at::kBFloat16), weight = at::randn({l.channels, 1, l.kernel, l.kernel});
  const at::Tensor taps = weight.flatten(1).t().contiguous(), last = weight.contiguous(at::MemoryFormat::ChannelsLast);
  std::array<std::vector<double>, 3> taken;
  for (int i = 0; i <= times; ++i) {
    const double of[] = {milliseconds([&] { gradients<float>(d, x, dy, taps); }), milliseconds([&] { gradients<Bf16>(d, half_x, half_dy, taps); }),
                         milliseconds([&] {
                           at::convolution_backward(dy.permute({0, 3, 1, 2}), x.permute({0, 3, 1, 2}), last, std::nullopt, {l.stride, l.stride},
                                                    {pad, pad}, {1, 1}, false, {0, 0}, l.channels, {true, true, false});
                         })};
    if (i == 0) continue;  // the first pass finds memory and code
    for (std::size_t j = 0; j < taken.size(); ++j) taken[j].push_back(of[j]);
  }
  for (auto& t : taken) std::ranges::sort(t);
  const auto median = [&](std::size_t j) { return taken[j][taken[j].size() / 2]; };
  fmt::print("{{\"channels\": {}, \"side\": {}, \"kernel\": {}, \"stride\": {}, \"float32_ms\": {:.3f}, \"bf16_ms\": {:.3f}, \"aten_ms\": {:.3f}}}\n",
             l.channels, l.side, l.kernel, l.stride, median(0), median(1), median(2));
}

}  // namespace

int main(int count, char** argument) {
  const int times = count > 1 ? std::atoi(argument[1]) : 5;
  if (count > 2 || times < 1) {
    fmt::print(stderr, "usage: kernels [TIMES]\n");
    return 2;
  }
  set_threads(2);
  for (const Layer& layer : kLayers) measure(layer, times);
}
