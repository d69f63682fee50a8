#include "graft/train/loop/mask_step.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "graft/base/error.h"
#include "graft/base/rng.h"
#include "graft/graph/patches.h"
#include "graft/graph/walks.h"
#include "graft/train/terms/loss.h"
#include "graft/train/terms/reconstruction.h"
#include "graft/transfer/initialise.h"

namespace graft::train {
namespace {

constexpr uint64_t kMasks = 0x6d61736b;  // "mask": draws beside those of dropout
constexpr const char *kTokens = "tokens", *kShown = "shown";

int64_t seen_of(const graph::Patches& patches, const PretrainingConfig& config) {
  const int64_t seen = std::lround(static_cast<double>(patches.count()) * (1 - config.mask));
  if (seen < 1 || seen >= patches.count())
    throw usage_error(fmt::format("--mask {:g}", config.mask),
                      fmt::format("leaves {} of {} patches to be seen, expected some but not all", seen, patches.count()),
                      "choose another --mask, or a larger --size");
  return seen;
}

/// Index (N, V) for gather and scatter of tokens of this width.
at::Tensor wide(const at::Tensor& index, int64_t width) { return index.unsqueeze(-1).expand({-1, -1, width}); }

Executor executor_of(graph::Graph graph, const PretrainingConfig& config, at::ScalarType storage, const Compute& compute) {
  const std::vector<StageMode> modes = modes_at(plan_of(graph, config), 0);
  Executor executor(std::move(graph), storage, compute);
  executor.set_modes(modes);
  return executor;
}

}  // namespace

std::vector<graph::Graph> masked_parts(const PretrainingNetworks& networks, const PretrainingConfig& config) {
  const graph::Patches patches = graph::patches_of(networks.encoder);
  auto [stem, layers] = graph::split_behind(networks.encoder, patches.embedded);
  layers.outputs = layers.named_outputs();
  layers.name_output(kTokens, patches.last - patches.embedded);
  layers.name_output(kShown, 0);
  graph::Graph decoder = networks.decoder;
  graph::Graph random = decoder;
  transfer::initialise(random, config.seed);
  for (std::size_t p = 0; p < decoder.parameters.size(); ++p)
    if (decoder.parameters[p].tensor.empty()) decoder.parameters[p].tensor = random.parameters[p].tensor;
  decoder.name_output(kShown, 0);
  return {std::move(stem), graph::with_tokens(std::move(layers), patches.before + seen_of(patches, config)), std::move(decoder)};
}

MaskStep::MaskStep(const PretrainingNetworks& networks, const PretrainingConfig& config, at::ScalarType storage, const Compute& compute)
    : MaskStep(graph::patches_of(networks.encoder), masked_parts(networks, config), config, storage, compute) {}

MaskStep::MaskStep(const graph::Patches& patches, std::vector<graph::Graph> parts, const PretrainingConfig& config, at::ScalarType storage,
                   const Compute& compute)
    : config_(config),
      patches_(patches),
      seen_(seen_of(patches, config)),
      stem_(executor_of(std::move(parts[0]), config, storage, compute)),
      layers_(executor_of(std::move(parts[1]), config, storage, compute)),
      decoder_(executor_of(std::move(parts[2]), config, storage, compute)) {
  layers_.set_gradients_by({kShown});
  decoder_.set_gradients_by({kShown});
}

at::Tensor MaskStep::visible(int64_t pictures, const StepSeed& seed) const {
  at::Tensor index = at::empty({pictures, patches_.before + seen_}, at::kLong);
  int64_t* to = index.mutable_data_ptr<int64_t>();
  std::vector<int64_t> order(static_cast<std::size_t>(patches_.count()));
  Rng rng(seed.seed ^ kMasks, seed.step);
  for (int64_t picture = 0; picture < pictures; ++picture) {
    std::iota(order.begin(), order.end(), patches_.before);
    rng.shuffle(std::span(order));
    for (int64_t token = 0; token < patches_.before; ++token) *to++ = token;
    to = std::copy_n(order.begin(), seen_, to);
  }
  return index;
}

PretrainStep::Result MaskStep::operator()(const at::Tensor& pictures, std::span<const std::size_t>, const StepSeed& seed) {
  const at::Tensor tokens = stem_.forward(pictures, seed).at(graph::kActivations);
  const int64_t width = tokens.size(2);
  const at::Tensor seen = visible(tokens.size(0), seed), index = wide(seen, width);
  const at::Tensor made = layers_.forward(tokens.gather(1, index), seed).at(kTokens);

  at::Tensor shown = at::zeros({tokens.size(0), tokens.size(1), width + 1}, made.options());
  at::Tensor hidden = at::ones({tokens.size(0), tokens.size(1)}, made.options());
  hidden.scatter_(1, seen, 0);
  shown.narrow(2, 0, width).scatter_(1, index, made);
  shown.select(2, width).copy_(hidden);

  const at::Tensor said = decoder_.forward(shown, seed).at(graph::kReconstructed);
  const int64_t before = patches_.before, count = patches_.count();
  const Reconstruction loss = reconstruction_loss(said.narrow(1, before, count), patches_of_pictures(pictures, patches_.side).to(said.scalar_type()),
                                                  hidden.narrow(1, before, count));
  const at::Tensor by_said = at::constant_pad_nd(loss.gradient, {0, 0, before, 0});
  const at::Tensor by_shown = decoder_.backward({{graph::kReconstructed, by_said}}).at(kShown);
  const at::Tensor by_seen = layers_.backward({{kTokens, by_shown.narrow(2, 0, width).gather(1, index)}}).at(kShown);
  stem_.backward({{graph::kActivations, at::zeros_like(tokens).scatter_(1, index, by_seen)}});
  return {loss.value};
}

std::vector<PretrainStep::Network> MaskStep::networks() {
  const auto network = [&](const char* name, Executor& executor) { return Network{name, executor, plan_of(executor.graph(), config_)}; };
  return {network("stem", stem_), network("layers", layers_), network("decoder", decoder_)};
}

at::Tensor MaskStep::features(const at::Tensor& pictures) { return layers_.predict(stem_.predict(pictures)); }

}  // namespace graft::train
