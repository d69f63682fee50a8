// What a method of meta-learning does with one task, by libtorch's autograd over the operators of plain().
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "graft/train/graph/executor.h"
#include "graft/train/meta.h"

namespace graft::train {

/// Pictures (N, H, W, C) and the number of each one's class in the task, (N).
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
  /// In float64 the gradients can be compared with finite differences.
  Learner(const graph::Graph& graph, const MetaConfig& config, at::ScalarType storage = at::kFloat);

  /// What is learned across tasks: the graph's parameters, or of meta_transfer the scale and shift of every filter and the last layer.
  std::vector<at::Tensor> learned;

  /// Of the queries' answers.
  struct Loss {
    at::Tensor mean;  // scalar; of reptile undefined
    int64_t right;
  };
  /// Moves `gradient`, zeros or sums of other tasks, by that of this task.
  Loss add_gradient(const Task& task, std::vector<at::Tensor>& gradient);

  /// Right answers to the queries, as a deployed model would give them; nothing is changed.
  int64_t right(const Task& task);

  /// The graph with what was learned.
  graph::Graph network() const;
  /// Running statistics of batch norms, by index into the graph's parameters; undefined: no buffer.
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
  /// By entry of `learned`: the parameter of the graph that it is, or scales or shifts.
  struct Part {
    enum class Kind { itself, scale, shift } kind;
    std::size_t parameter;
    bool head;
  };
  std::vector<Part> parts_;
};

}  // namespace graft::train
