#include "graft/train/loop/cycle_step.h"

namespace graft::train {
namespace {

constexpr const char* kShown = "shown";  // a network's input, by which gradients are asked for

/// A loss and its gradient by what was compared.
struct Part {
  double loss;
  at::Tensor gradient;
};

/// Mean of |got - want|; the gradient is `weight` times its own.
Part distance(const at::Tensor& got, const at::Tensor& want, double weight) {
  const at::Tensor difference = got - want;
  return {difference.abs().mean().item<double>(), difference.sign() * (weight / static_cast<double>(difference.numel()))};
}

/// Mean of (said - truth)^2 (Mao et al. 2017), likewise.
Part least_squares(const at::Tensor& said, double truth, double weight) {
  const at::Tensor difference = said - truth;
  return {difference.square().mean().item<double>(), difference * (2 * weight / static_cast<double>(difference.numel()))};
}

at::Tensor run(Executor& executor, const at::Tensor& pictures, const char* output) { return executor.forward(pictures, {}).at(output); }

Executor with_shown(graph::Graph graph, at::ScalarType storage, const Compute& compute) {
  graph.outputs = graph.named_outputs();
  graph.name_output(kShown, 0);
  return Executor(std::move(graph), storage, compute);
}

/// The discriminator's gradient by made pictures that it should take for real.
Part fool(Executor& discriminator, const at::Tensor& made) {
  discriminator.set_modes({{.trains = false}});
  discriminator.set_gradients_by({kShown});
  const Part part = least_squares(run(discriminator, made, graph::kLogits), 1, 1);
  return {part.loss, discriminator.backward({{graph::kLogits, part.gradient}}).at(kShown)};
}

double teach(Executor& discriminator, const at::Tensor& real, const at::Tensor& made) {
  discriminator.set_modes({{.trains = true}});
  discriminator.set_gradients_by({});
  const at::Tensor said = run(discriminator, at::cat({real, made}), graph::kLogits);
  const int64_t reals = real.size(0);
  const Part of_real = least_squares(said.narrow(0, 0, reals), 1, 0.5), of_made = least_squares(said.narrow(0, reals, made.size(0)), 0, 0.5);
  discriminator.backward({{graph::kLogits, at::cat({of_real.gradient, of_made.gradient})}});
  return (of_real.loss + of_made.loss) / 2;
}

}  // namespace

CycleStep::Generator::Generator(const graph::Graph& graph, at::ScalarType storage, const Compute& compute)
    : first(graph, storage, compute), again(with_shown(graph, storage, compute)) {
  again.values = first.values;
  for (Executor* pass : {&first, &again}) pass->set_modes({{.trains = true}});
  again.set_gradients_by({kShown});
}

void CycleStep::Generator::add_up() {
  for (std::size_t p = 0; p < first.gradients.size(); ++p) first.gradients[p] = first.gradients[p] + again.gradients[p];
}

CycleStep::CycleStep(const TranslationNetworks& networks, const TranslationConfig& config, at::ScalarType storage, const Compute& compute)
    : config_(config),
      to_target_(networks.to_target, storage, compute),
      to_source_(networks.to_source, storage, compute),
      of_source_(with_shown(networks.of_source, storage, compute)),
      of_target_(with_shown(networks.of_target, storage, compute)) {}

MadePictures CycleStep::generate(const at::Tensor& source, const at::Tensor& target, CycleLosses& losses) {
  const int64_t sources = source.size(0), targets = target.size(0);
  const at::Tensor to_target = run(to_target_.first, at::cat({source, target}), graph::kTranslated);
  const at::Tensor to_source = run(to_source_.first, at::cat({target, source}), graph::kTranslated);
  const MadePictures made{to_source.narrow(0, 0, targets), to_target.narrow(0, 0, sources)};

  const Part source_again = distance(run(to_source_.again, made.target, graph::kTranslated), source, config_.cycle);
  const Part target_again = distance(run(to_target_.again, made.source, graph::kTranslated), target, config_.cycle);
  const double stay = config_.cycle * config_.identity;
  const Part same_target = distance(to_target.narrow(0, sources, targets), target, stay);
  const Part same_source = distance(to_source.narrow(0, targets, sources), source, stay);
  const Part as_target = fool(of_target_, made.target), as_source = fool(of_source_, made.source);

  const at::Tensor by_target = as_target.gradient + to_source_.again.backward({{graph::kTranslated, source_again.gradient}}).at(kShown);
  const at::Tensor by_source = as_source.gradient + to_target_.again.backward({{graph::kTranslated, target_again.gradient}}).at(kShown);
  to_target_.first.backward({{graph::kTranslated, at::cat({by_target, same_target.gradient})}});
  to_source_.first.backward({{graph::kTranslated, at::cat({by_source, same_source.gradient})}});
  to_target_.add_up();
  to_source_.add_up();
  losses.adversarial = as_target.loss + as_source.loss;
  losses.cycle = source_again.loss + target_again.loss;
  losses.identity = same_target.loss + same_source.loss;
  return made;
}

void CycleStep::tell(const at::Tensor& source, const at::Tensor& target, const MadePictures& made, CycleLosses& losses) {
  losses.discriminators = teach(of_source_, source, made.source) + teach(of_target_, target, made.target);
}

}  // namespace graft::train
