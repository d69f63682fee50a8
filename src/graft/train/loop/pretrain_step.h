// A training step of self-supervised learning, as the loop of pre-training sees it: each kind of method is a step of its own.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/train/graph/executor.h"
#include "graft/train/pretraining.h"
#include "graft/transfer/plan.h"

namespace graft::train {

class PretrainStep {
 public:
  virtual ~PretrainStep() = default;

  struct Result {
    double loss;
    std::optional<double> spread = {};  // of the projections, if there are any
  };
  /// Of so many pictures of each photo: first views, then second ones.
  virtual int views() const = 0;
  /// `pictures`: (views x N, H, W, 3) of these N photos. Leaves the gradients in networks().
  virtual Result operator()(const at::Tensor& pictures, std::span<const std::size_t> photos, const StepSeed& seed) = 0;
  /// After the optimizer's step. `progress` of the training, in [0, 1].
  virtual void follow(double progress) = 0;

  struct Network {
    const char* name;  // in checkpoints
    Executor& executor;
    transfer::Plan plan;
  };
  /// What trains. The first one sees the pictures.
  virtual std::vector<Network> networks() = 0;
  /// Of the encoder as deployed: (N, F).
  virtual at::Tensor features(const at::Tensor& pictures) = 0;
  /// Of the first network.
  virtual void set_conv_algorithms(const ConvAlgorithms& algorithms) = 0;

  /// What a checkpoint needs beside the networks.
  virtual std::map<std::string, at::Tensor> state() const = 0;
  /// Error (data) naming `file` if a tensor is missing.
  virtual void restore(const std::map<std::string, at::Tensor>& tensors, const std::filesystem::path& file) = 0;
};

/// All stages train at the same learning rate but graph::kFixedPositions, which stays. Batch norms are live in projector and predictor, and as
/// config.batch_norm says in others.
transfer::Plan plan_of(const graph::Graph& graph, const PretrainingConfig& config);

}  // namespace graft::train
