#include "graft/train/logit_gradients.h"

#include <algorithm>
#include <stdexcept>

#include "graft/train/compute/host.h"
#include "graft/train/compute/parallel.h"
#include "graft/train/graph/executor.h"

namespace graft::train {
namespace {

std::vector<float> floats_of(const at::Tensor& tensor) {
  const at::Tensor whole = tensor.contiguous();
  return {whole.const_data_ptr<float>(), whole.const_data_ptr<float>() + whole.numel()};
}

class OfExecutor : public Differentiator {
 public:
  OfExecutor(const graph::Graph& graph, const std::vector<std::string>& by) : executor_(graph, at::kFloat) { executor_.set_gradients_by(by); }

  LogitGradients operator()(std::span<const float> pictures, std::span<const std::size_t> labels) override {
    const graph::Graph& graph = executor_.graph();
    const auto classes = static_cast<std::size_t>(graph.output_dims().at(0));
    if (labels.empty() || pictures.size() != labels.size() * static_cast<std::size_t>(graph::element_count(graph.input_dims())) ||
        std::ranges::any_of(labels, [&](std::size_t label) { return label >= classes; }))
      throw std::logic_error("logit gradients: pictures, labels and network do not fit each other");
    const Outputs values = executor_.forward(inputs(pictures, labels.size()), {});
    const std::string answer = graph.named_outputs().front().name;
    const at::Tensor& logits = values.at(answer);
    at::Tensor asked = at::zeros_like(logits);
    for (std::size_t i = 0; i < labels.size(); ++i) asked.mutable_data_ptr<float>()[i * classes + labels[i]] = 1;
    LogitGradients found{.logits = floats_of(logits)};
    for (const auto& [name, gradient] : executor_.backward({{answer, asked}})) {
      const at::Tensor& value = values.at(name);
      const graph::Dims dims = value.sizes().slice(1).vec();
      found.by[name] = {dims, static_cast<std::size_t>(value.size(0)), floats_of(value), floats_of(gradient)};
    }
    return found;
  }

 private:
  at::Tensor inputs(std::span<const float> pictures, std::size_t count) const {
    graph::Dims sizes = executor_.graph().input_dims();
    if (sizes.size() == 3) sizes = {sizes[1], sizes[2], sizes[0]};
    sizes.insert(sizes.begin(), static_cast<int64_t>(count));
    return from_host(pictures, sizes, at::kFloat);
  }

  Executor executor_;
};

}  // namespace

std::unique_ptr<Differentiator> differentiate(const graph::Graph& graph, const std::vector<std::string>& by, int threads) {
  set_threads(threads);
  return std::make_unique<OfExecutor>(graph, by);
}

}  // namespace graft::train
