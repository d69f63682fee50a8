// A training step of self-supervised learning: the loss of SimCLR, SimSiam or BYOL on two views of each photo, and its gradients.
//
// Both views go through the network as one batch, so batch norms see them together, as in SimCLR's code; the authors of SimSiam and BYOL run it on one
// view after the other.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "graft/train/loop/pretrain_step.h"

namespace graft::train {

inline constexpr int kViews = 2;  // of a photo

/// Of the networks' outputs and stages.
inline constexpr const char *kProjection = "projection", *kPrediction = "prediction";

/// The encoder with a projector as stage and output kProjection: two layers with batch norm and ReLU between them, in SimSiam also batch norm at the
/// end. With `predictor` (SimSiam, BYOL) another two layers, kPrediction: SimSiam's have a quarter of the projection's width between them, BYOL's
/// config.hidden. The new layers begin at random by config.seed; the encoder's parameters come first.
graph::Graph with_projector(const graph::Graph& encoder, const PretrainingConfig& config, bool predictor);

class ViewStep final : public PretrainStep {
 public:
  /// `config` must outlive it. `photos`: their number.
  ViewStep(const graph::Graph& encoder, const PretrainingConfig& config, std::size_t photos, at::ScalarType storage = at::kFloat,
           const Compute& compute = cpu());

  int views() const override { return kViews; }
  Result operator()(const at::Tensor& pictures, std::span<const std::size_t> photos, const StepSeed& seed) override;
  void follow(double progress) override;
  std::vector<Network> networks() override;
  at::Tensor features(const at::Tensor& pictures) override;
  void set_conv_algorithms(const ConvAlgorithms& algorithms) override;
  std::map<std::string, at::Tensor> state() const override;
  void restore(const std::map<std::string, at::Tensor>& tensors, const std::filesystem::path& file) override;

  Executor& online() { return online_; }
  /// BYOL's copy of encoder and projector; none with the other methods.
  std::optional<Executor>& target() { return target_; }

  /// SimCLR's past projections, the oldest first, of length 1, and their photos: (K, d) and (K); undefined as long as there are none.
  at::Tensor queue = {}, queue_photos = {};

 private:
  std::string of_target(std::size_t parameter) const;
  Result contrast(const Outputs& outputs, std::span<const std::size_t> photos);
  void enqueue(const at::Tensor& rows, const at::Tensor& photos);

  const PretrainingConfig& config_;
  int64_t longest_;
  Executor online_;
  std::optional<Executor> target_;
};

}  // namespace graft::train
