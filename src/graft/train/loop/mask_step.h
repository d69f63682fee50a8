// A training step of a masked autoencoder (He et al. 2022, "Masked autoencoders are scalable vision learners"): the encoder, a vision transformer,
// sees few patches of a picture; a small decoder reconstructs the pixels of the others from what it makes of these.
#pragma once

#include "graft/graph/patches.h"
#include "graft/train/loop/pretrain_step.h"

namespace graft::train {

/// The networks of a step: from pictures to a token for each patch; the encoder's layers, for as many tokens as it sees; the decoder, with random
/// values by config.seed. Error (usage) if config.mask hides no patch, or every one.
std::vector<graph::Graph> masked_parts(const PretrainingNetworks& networks, const PretrainingConfig& config);

class MaskStep final : public PretrainStep {
 public:
  /// `config` must outlive it.
  MaskStep(const PretrainingNetworks& networks, const PretrainingConfig& config, at::ScalarType storage = at::kFloat, const Compute& compute = cpu());

  int views() const override { return 1; }
  Result operator()(const at::Tensor& pictures, std::span<const std::size_t> photos, const StepSeed& seed) override;
  void follow(double) override {}
  std::vector<Network> networks() override;
  at::Tensor features(const at::Tensor& pictures) override;
  void set_conv_algorithms(const ConvAlgorithms& algorithms) override { stem_.set_conv_algorithms(algorithms); }
  std::map<std::string, at::Tensor> state() const override { return {}; }
  void restore(const std::map<std::string, at::Tensor>&, const std::filesystem::path&) override {}

 private:
  MaskStep(const graph::Patches& patches, std::vector<graph::Graph> parts, const PretrainingConfig& config, at::ScalarType storage,
           const Compute& compute);
  /// The tokens that the encoder sees, those before the patches first: (N, V).
  at::Tensor visible(int64_t pictures, const StepSeed& seed) const;

  const PretrainingConfig& config_;
  graph::Patches patches_;
  int64_t seen_;  // patches
  Executor stem_, layers_, decoder_;
};

}  // namespace graft::train
