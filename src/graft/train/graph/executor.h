// Forward and backward of a Graph with libtorch's tensors: one overload per operator, no autograd. The Graph itself is the tape.
//
// Between layers, pictures are (N, H, W, C), tokens (N, T, C) and vectors (N, F), contiguous, stored as `storage`. Parameters and their gradients are
// float32 in the Graph's own shapes, or float64 beside such pictures. Nothing is kept for backward below the first stage that trains, or the first output
// by which a gradient is asked for.
//
// A step is bound by memory, so a BatchNorm with the activation behind it is no pass of its own: its readers normalise what the convolution before it
// wrote as they read it, and on the way back the convolution behind it takes the sums that its gradients need and the one before it applies them
// (Value and Gradient in values.h). Operators that cannot do so are given plain tensors.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "graft/graph/graph.h"
#include "graft/train/compute/buffers.h"
#include "graft/train/compute/compute.h"
#include "graft/train/compute/values.h"
#include "graft/train/graph/conv_algorithms.h"
#include "graft/train/graph/liveness.h"
#include "graft/train/profile.h"

namespace graft::train {

using Weights = std::vector<at::Tensor>;  // by index into Executor::values
/// By the names of a graph's outputs: their values, (N, ...) with channels last, or a loss's gradients by these; in the type of the parameters.
using Outputs = std::map<std::string, at::Tensor>;

/// What a stage does in a step.
struct StageMode {
  bool trains = false;
  bool batch_norm_live = false;  // normalise by the batch's statistics, and move the running ones
  double running = 0;            // where that is live: of each channel the probability to go by the running ones nevertheless (StochNorm)
};

/// float32 or bf16.
at::ScalarType type_of(Storage storage);

/// Everything random in a step is a function of these: dropout gives the same for the same step, whatever came before.
struct StepSeed {
  uint64_t seed = 0, step = 0;
};

class Executor {
 public:
  /// Copies the graph's parameters; empty ones are zeros. `compute`: where and by what the sums of the operators are computed, which is what
  /// `storage` may be, too: cpu() has float32 and bf16.
  Executor(graph::Graph graph, at::ScalarType storage, const Compute& compute = cpu());

  const graph::Graph& graph() const { return graph_; }
  at::ScalarType storage() const { return storage_; }

  /// By index into graph().parameters. The optimiser writes to values; gradients are valid after backward() and undefined where nothing trains.
  std::vector<at::Tensor> values, gradients;

  /// One entry per stage of the graph; stays until the next call.
  void set_modes(std::vector<StageMode> modes);

  /// What forward() gives from now on, of the same nodes.
  void set_outputs(std::vector<graph::Output> outputs);
  /// Outputs by which backward() gives the gradient, too, of any node, the input included, whatever trains; stays until the next call.
  /// Error (usage) for an output that there is not.
  void set_gradients_by(std::vector<std::string> outputs);

  /// images: (N, H, W, C) or whatever the input's shape is, any floating type. Returns all outputs.
  Outputs forward(const at::Tensor& images, const StepSeed& seed);
  /// The first output alone, without keeping anything, with fixed statistics and no dropout.
  at::Tensor predict(const at::Tensor& images);

  /// The first output as forward() gives it, for libtorch's own autograd: its derivatives by those of `values` that require a gradient, of any order. Keeps nothing for
  /// backward(). With plain() alone: kernels are no functions that autograd knows.
  at::Tensor differentiable(const at::Tensor& images, const StepSeed& seed);

  /// Gradients of the parameters that train, from those by what forward() returned; an output without one has no part in the loss. Frees what forward()
  /// kept. Returns those by the outputs of set_gradients_by(): all that flows into a node, what `gradients` has for it included; zeros where nothing does.
  Outputs backward(const Outputs& gradients);

  /// What is kept until when, as things are set; and by node the outputs that are there now, undefined where none is.
  const Liveness& plan() const { return plan_; }
  std::vector<at::Tensor> held() const;

  /// Which 1x1 convolutions are ATen's; the others are computed in blocks, where the CPU has products in bf16.
  void set_conv_algorithms(const ConvAlgorithms& algorithms);
  bool profile = false;  // whether the time of each operator is taken
  std::vector<OperatorTime> times() const { return profile_.times(); }

 private:
  friend struct NodeOf;  // of the walks in operators.h
  friend struct ForwardOf;
  friend struct BackwardOf;

  struct Kept {
    at::Tensor output;
    std::vector<at::Tensor> more;  // what the operator's backward needs besides its inputs and output
    at::Tensor sums;               // of a BatchNorm, where the convolution before it took them: (parts, 2, C)
  };

  void run(const at::Tensor& images, bool training, const StepSeed& seed);
  void walk_forward(const at::Tensor& images, bool training, const StepSeed& seed);
  at::Tensor output(std::size_t node);
  template <class Walk>
  void walk(const char* direction, std::size_t node);
  void plan_again();

  graph::Graph graph_;
  at::ScalarType storage_;
  Compute compute_;
  std::vector<StageMode> modes_;
  std::vector<std::string> gradients_by_;
  std::vector<bool> blocks_;  // by node: a 1x1 convolution that compute_ does
  Liveness plan_;
  Buffers buffers_;
  bool training_ = false;
  StepSeed seed_;
  std::vector<Kept> kept_;
  std::vector<Gradient> flowing_;  // gradients of outputs during backward()
  Profile profile_;
  std::string kernel_;  // what the operator at work says of itself, for the profile
};

}  // namespace graft::train
