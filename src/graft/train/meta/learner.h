// One task of a meta-learning method, with libtorch's autograd over the operators of plain().
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "graft/train/graph/executor.h"
#include "graft/train/meta.h"

namespace graft::train {

/// Pictures (N, H, W, C) and the index of each one's class within the task, (N).
struct TaskPhotos {
  at::Tensor pictures, labels;
};
struct Task {
  TaskPhotos support, query;
};

/// Adam (Kingma & Ba 2015) over a list of tensors.
struct Adam {
  explicit Adam(const std::vector<at::Tensor>& values);
  void step(const std::vector<at::Tensor>& values, const std::vector<at::Tensor>& gradients, double lr, double first_moment);

  std::vector<at::Tensor> first, second, steps;
};

class Learner {
 public:
  /// With float64 as `storage`, the gradients can be compared with finite differences.
  Learner(const graph::Graph& graph, const MetaConfig& config, at::ScalarType storage = at::kFloat);

  /// What is learned across tasks: the graph's parameters, or, for meta_transfer, the scale and shift of every filter and the last layer.
  std::vector<at::Tensor> learned;

  /// The loss and the right predictions on the query set.
  struct Loss {
    at::Tensor mean;  // scalar; undefined for reptile
    int64_t right;
  };
  /// Adds the gradient of this task to `gradient`, which holds zeros or the sum over other tasks.
  Loss add_gradient(const Task& task, std::vector<at::Tensor>& gradient);

  /// The number of queries that are classified right, as a deployed model would do it; changes nothing.
  int64_t right(const Task& task);

  /// The graph with the learned parameters.
  graph::Graph network() const;
  /// The running statistics of batch norms, by index into the graph's parameters; undefined for parameters that are no buffers.
  std::vector<at::Tensor>& statistics() { return statistics_; }

 private:
  std::vector<at::Tensor> weights_of(const std::vector<at::Tensor>& learned) const;
  at::Tensor answers(const std::vector<at::Tensor>& learned, const at::Tensor& pictures);
  at::Tensor by_prototypes(const at::Tensor& features, const at::Tensor& labels) const;
  std::vector<at::Tensor> adapted(std::vector<at::Tensor> from, const TaskPhotos& support, bool second_order);
  std::vector<at::Tensor> adapted_by_adam(const Task& task);
  bool moves_in_task(std::size_t i) const;

  MetaConfig config_;
  Executor executor_;
  std::vector<at::Tensor> base_, statistics_;
  /// For each entry of `learned`: the graph's parameter that it belongs to, and whether it is this parameter itself, or its scales or shifts.
  struct Part {
    enum class Kind { itself, scale, shift } kind;
    std::size_t parameter;
    bool head;
  };
  std::vector<Part> parts_;
};

}  // namespace graft::train
