#include "graft/train/loop/view_step.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "graft/base/error.h"
#include "graft/graph/builder.h"
#include "graft/graph/walks.h"
#include "graft/train/terms/contrast.h"
#include "graft/train/terms/loss.h"
#include "graft/transfer/initialise.h"

namespace graft::train {
namespace {

graph::Value two_layers(graph::Builder layers, graph::Value x, int64_t hidden, int64_t out) {
  x = relu(layers.batch_norm("1", layers.linear("0", x, {.out = hidden})));
  return layers.linear("2", x, {.out = out});
}

bool predicts(const PretrainingConfig& config) { return config.method != PretrainingMethod::simclr; }

}  // namespace

graph::Graph with_projector(const graph::Graph& encoder, const PretrainingConfig& config, bool predictor) {
  const bool simsiam = config.method == PretrainingMethod::simsiam;
  const int64_t width = config.projection_features();
  graph::Graph graph = encoder;
  graph.outputs = encoder.named_outputs();
  graph::Builder b(graph);
  b.stage(kProjection);
  graph::Value x = two_layers(b.in(kProjection), output_of(graph), config.hidden, width);
  if (simsiam) x = b.in(kProjection).batch_norm("3", x);
  graph.name_output(kProjection, static_cast<std::size_t>(x.node));
  if (predictor) {
    b.stage(kPrediction);
    x = two_layers(b.in(kPrediction), x, simsiam ? std::max<int64_t>(1, width / 4) : config.hidden, width);
    graph.name_output(kPrediction, static_cast<std::size_t>(x.node));
  }
  graph::Graph random = graph;
  random.name = kProjection;  // drawn alike on every network: some families begin their last layer at 0
  transfer::initialise(random, config.seed);
  for (std::size_t p = encoder.parameters.size(); p < graph.parameters.size(); ++p) graph.parameters[p].tensor = random.parameters[p].tensor;
  return graph;
}

ViewStep::ViewStep(const graph::Graph& encoder, const PretrainingConfig& config, std::size_t photos, at::ScalarType storage, const Compute& compute)
    : config_(config), longest_(config.queue_length(photos)), online_(with_projector(encoder, config, predicts(config)), storage, compute) {
  online_.set_modes(modes_at(plan_of(online_.graph(), config), 0));
  if (config.method != PretrainingMethod::byol) return;
  target_.emplace(with_projector(encoder, config, false), storage, compute);
  std::vector<StageMode> modes = modes_at(plan_of(target_->graph(), config), 0);
  for (StageMode& mode : modes) mode.trains = false;
  target_->set_modes(std::move(modes));
}

ViewStep::Result ViewStep::operator()(const at::Tensor& pictures, std::span<const std::size_t> photos, const StepSeed& seed) {
  const Outputs outputs = online_.forward(pictures, seed);
  if (!predicts(config_)) return contrast(outputs, photos);
  const at::Tensor target = target_ ? target_->forward(pictures, seed).at(kProjection) : outputs.at(kProjection);
  ViewLoss loss = negative_cosine(outputs.at(kPrediction), other_views(target));
  if (config_.method == PretrainingMethod::byol) loss = {4 + 4 * loss.value, 4 * loss.gradient};
  online_.backward({{kPrediction, loss.gradient}});
  return {loss.value, spread_of(outputs.at(kProjection))};
}

ViewStep::Result ViewStep::contrast(const Outputs& outputs, std::span<const std::size_t> photos) {
  const at::Tensor& rows = outputs.at(kProjection);
  at::Tensor numbers = at::empty({static_cast<int64_t>(photos.size())}, at::kDouble);
  std::ranges::copy(photos, numbers.mutable_data_ptr<double>());
  PastRows past;
  if (queue.defined()) past = {queue, numbers.unsqueeze(1) == queue_photos.unsqueeze(0)};
  const ViewLoss loss = nt_xent(rows, config_.temperature, past);
  if (longest_ > 0) enqueue(unit_rows(rows.narrow(0, 0, rows.size(0) / 2)).rows, numbers);
  online_.backward({{kProjection, loss.gradient}});
  return {loss.value, spread_of(rows)};
}

void ViewStep::enqueue(const at::Tensor& rows, const at::Tensor& photos) {
  const auto appended = [&](const at::Tensor& before, const at::Tensor& more) {
    const at::Tensor all = before.defined() ? at::cat({before, more}) : more;
    const int64_t kept = std::min(longest_, all.size(0));
    return all.narrow(0, all.size(0) - kept, kept).clone();
  };
  queue = appended(queue, rows);
  queue_photos = appended(queue_photos, photos);
}

std::vector<PretrainStep::Network> ViewStep::networks() { return {{"network", online_, plan_of(online_.graph(), config_)}}; }

at::Tensor ViewStep::features(const at::Tensor& pictures) {
  online_.set_modes(std::vector<StageMode>(online_.graph().stages.size()));
  const at::Tensor rows = online_.forward(pictures, {}).at(online_.graph().named_outputs().front().name);
  online_.set_modes(modes_at(plan_of(online_.graph(), config_), 0));
  return rows;
}

void ViewStep::set_conv_algorithms(const ConvAlgorithms& algorithms) {
  online_.set_conv_algorithms(algorithms);
  if (target_) target_->set_conv_algorithms(algorithms);
}

std::map<std::string, at::Tensor> ViewStep::state() const {
  std::map<std::string, at::Tensor> tensors;
  if (target_)
    for (std::size_t p = 0; p < target_->values.size(); ++p) tensors[of_target(p)] = target_->values[p];
  if (queue.defined()) {
    tensors["queue"] = queue;
    tensors["queue_photos"] = queue_photos.to(at::kFloat);
  }
  return tensors;
}

void ViewStep::restore(const std::map<std::string, at::Tensor>& tensors, const std::filesystem::path& file) {
  const auto take = [&](const std::string& name) {
    const auto found = tensors.find(name);
    if (found == tensors.end())
      throw data_error(file.string(), "lacks " + name + " as this training needs it", "it belongs to another training, or was changed");
    return found->second;
  };
  if (target_)
    for (std::size_t p = 0; p < target_->values.size(); ++p) target_->values[p].copy_(take(of_target(p)));
  if (!tensors.contains("queue")) return;
  queue = take("queue");
  queue_photos = take("queue_photos").to(at::kDouble);
}

std::string ViewStep::of_target(std::size_t parameter) const { return "target." + target_->graph().parameters[parameter].name; }

void ViewStep::follow(double progress) {
  if (!target_) return;
  const double share = (1 - config_.target_decay) * (std::cos(std::numbers::pi * progress) + 1) / 2;
  for (std::size_t p = 0; p < target_->values.size(); ++p)  // a prefix of those of the other network
    if (!target_->graph().parameters[p].buffer) target_->values[p].lerp_(online_.values[p], share);
}

}  // namespace graft::train
