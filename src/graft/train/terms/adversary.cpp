#include "graft/train/terms/adversary.h"

#include <cmath>
#include <utility>

#include "graft/graph/builder.h"
#include "graft/graph/walks.h"
#include "graft/train/compute/host.h"
#include "graft/train/terms/entropy.h"
#include "graft/transfer/initialise.h"

namespace graft::train {
namespace {

constexpr uint64_t kDiscriminator = 0x6469736372696d69;  // "discrimi": seeds beside those of the network

at::Tensor signs(uint64_t seed, uint64_t stream, int64_t rows, int64_t columns) {
  return drawn(seed, stream, 0.5, {rows, columns}, at::kCPU).to(at::kDouble) * 2 - 1;
}

/// Both domains' rows, of one kind of output.
at::Tensor of_both(const Outputs& outputs, const std::string& output) {
  return at::cat({outputs.at(output), outputs.at(of_stream(output))}).to(at::kDouble);
}

/// One half of each domain's rows together.
at::Tensor halves(int64_t source, int64_t target) {
  return at::cat(
      {at::full({source}, 0.5 / static_cast<double>(source), at::kDouble), at::full({target}, 0.5 / static_cast<double>(target), at::kDouble)});
}

class Game {
 public:
  Game(const TrainConfig& config, int64_t features, int64_t classes, std::shared_ptr<Executor> rival)
      : method_(config.adapt), trade_off_(config.trade_off), map_(features, classes, config.seed ^ kDiscriminator), rival_(std::move(rival)) {
    rival_->set_modes({{.trains = true, .batch_norm_live = true}});
    rival_->set_gradients_by({graph::kFeatures});
  }

  TermLoss operator()(const Outputs& outputs, const Batch& batch, std::size_t share) const {
    const at::Tensor &ours = outputs.at(graph::kFeatures), &theirs = outputs.at(of_stream(graph::kFeatures));
    const at::Tensor features = of_both(outputs, graph::kFeatures), p = at::softmax(of_both(outputs, graph::kLogits), 1);
    const int64_t source = ours.size(0), target = theirs.size(0);
    at::Tensor counts = halves(source, target);
    if (method_ == Adaptation::cdan) counts = counts * at::cat({clearness(p.narrow(0, 0, source)), clearness(p.narrow(0, source, target))});
    const at::Tensor truth = at::cat({at::ones({source}, at::kDouble), at::zeros({target}, at::kDouble)});
    const at::Tensor seen = method_ == Adaptation::cdan ? map_(features, p) : features;
    const double samples = static_cast<double>(batch.targets.size(0)), scale = trade_off_ * samples / static_cast<double>(share);

    at::Tensor said = say(seen);
    const double loss = (counts * (at::softplus(said) - truth * said)).sum().item<double>();
    at::Tensor by_seen = back(counts * (said.sigmoid() - truth) * scale) * -reversal(batch.progress);
    if (method_ == Adaptation::confusion) {
      const Weights learned = rival_->gradients;
      said = say(seen);
      by_seen = back(counts * (said.sigmoid() - 0.5) * scale);
      rival_->gradients = learned;
    }
    const at::Tensor by = (method_ == Adaptation::cdan ? map_.back(by_seen, p) : by_seen).to(ours.scalar_type());
    return {trade_off_ * samples * loss, {{graph::kFeatures, by.narrow(0, 0, source)}, {of_stream(graph::kFeatures), by.narrow(0, source, target)}}};
  }

 private:
  at::Tensor say(const at::Tensor& seen) const {
    return rival_->forward(seen.to(exact_type(rival_->storage())), {}).at(graph::kLogits).to(at::kDouble).squeeze(1);
  }
  at::Tensor back(const at::Tensor& by_said) const {
    return rival_->backward({{graph::kLogits, by_said.unsqueeze(1).to(exact_type(rival_->storage()))}}).at(graph::kFeatures).to(at::kDouble);
  }

  Adaptation method_;
  double trade_off_;
  MultilinearMap map_;
  std::shared_ptr<Executor> rival_;
};

}  // namespace

double reversal(double progress) { return 2 / (1 + std::exp(-10 * progress)) - 1; }

MultilinearMap::MultilinearMap(int64_t features, int64_t classes, uint64_t seed) : features_(features), classes_(classes) {
  if (features * classes <= kLargestMap) return;
  of_features_ = signs(seed, 0, features, kRandomMap) / std::pow(static_cast<double>(kRandomMap), 0.25);
  of_classes_ = signs(seed, 1, classes, kRandomMap) / std::pow(static_cast<double>(kRandomMap), 0.25);
}

int64_t MultilinearMap::width() const { return of_features_.defined() ? kRandomMap : features_ * classes_; }

at::Tensor MultilinearMap::operator()(const at::Tensor& features, const at::Tensor& probabilities) const {
  if (of_features_.defined()) return features.mm(of_features_) * probabilities.mm(of_classes_);
  return (probabilities.unsqueeze(2) * features.unsqueeze(1)).flatten(1);
}

at::Tensor MultilinearMap::back(const at::Tensor& gradient, const at::Tensor& probabilities) const {
  if (of_features_.defined()) return (gradient * probabilities.mm(of_classes_)).mm(of_features_.t());
  return (probabilities.unsqueeze(2) * gradient.unflatten(1, {classes_, features_})).sum(1);
}

graph::Graph discriminator(int64_t inputs, uint64_t seed) {
  using graph::Value;
  graph::Graph graph{.name = "discriminator"};
  graph::Builder b(graph);
  b.stage("discriminator");
  graph::Builder layers = b.in("discriminator");
  const Value seen = b.input({inputs});
  Value x = relu(layers.batch_norm("1", layers.linear("0", seen, {.out = kDiscriminatorWidth})));
  x = relu(layers.batch_norm("4", layers.linear("3", x, {.out = kDiscriminatorWidth})));
  x = layers.linear("6", x, {.out = 1});
  graph.outputs = {{graph::kLogits, x.node}, {graph::kFeatures, seen.node}};
  transfer::initialise_head(graph, seed ^ kDiscriminator);
  return graph;
}

Term adversary(const Training& training, std::shared_ptr<Executor> rival) {
  const int64_t features = training.graph.nodes[graph::head_input(training.graph)].dims[0], classes = training.graph.output_dims()[0];
  return {.name = "adversary",
          .streams = true,
          .prepare = [](graph::Graph& graph) { graph.name_output(graph::kFeatures, graph::head_input(graph)); },
          .rival = rival,
          .loss = Game(training.config, features, classes, rival)};
}

std::optional<Term> adversary_term(const Training& training) {
  const TrainConfig& config = training.config;
  if (config.adapt != Adaptation::dann && config.adapt != Adaptation::cdan && config.adapt != Adaptation::confusion) return std::nullopt;
  const int64_t features = training.graph.nodes[graph::head_input(training.graph)].dims[0], classes = training.graph.output_dims()[0];
  const int64_t seen = config.adapt == Adaptation::cdan ? MultilinearMap(features, classes, 0).width() : features;
  return adversary(training, std::make_shared<Executor>(discriminator(seen, config.seed), at::kFloat));
}

}  // namespace graft::train
