// A step of CycleGAN (Zhu et al. 2017): what its generators and its discriminators lose, and their gradients.
//
// Instance norm knows each picture alone, so pictures to be translated and those of the other domain, which are to stay as they are, go through a
// generator as one batch. Its second pass, of what the other generator made, comes before the first one is gone back through: an executor for each.
#pragma once

#include "graft/train/graph/executor.h"
#include "graft/train/translation.h"

namespace graft::train {

/// Sums over both directions, none of them weighed; of discriminators one half of what they lose on real and on made pictures.
struct CycleLosses {
  double adversarial = 0, cycle = 0, identity = 0, discriminators = 0;

  /// What the generators minimise.
  double of_generators(const TranslationConfig& config) const { return adversarial + config.cycle * (cycle + config.identity * identity); }
};

/// Made pictures of each domain.
struct MadePictures {
  at::Tensor source, target;
};

class CycleStep {
 public:
  /// Refers to `config`, which must outlive it.
  CycleStep(const TranslationNetworks& networks, const TranslationConfig& config, at::ScalarType storage = at::kFloat,
            const Compute& compute = cpu());

  /// For pictures of both domains, (N, H, W, 3): what is made of them, and the gradients of both generators, in to_target() and to_source().
  MadePictures generate(const at::Tensor& source, const at::Tensor& target, CycleLosses& losses);
  /// For these and made ones: the gradients of both discriminators.
  void tell(const at::Tensor& source, const at::Tensor& target, const MadePictures& made, CycleLosses& losses);

  Executor& to_target() { return to_target_.first; }
  Executor& to_source() { return to_source_.first; }
  Executor& of_source() { return of_source_; }
  Executor& of_target() { return of_target_; }

 private:
  /// The weights are the same tensors in both.
  struct Generator {
    Executor first, again;
    Generator(const graph::Graph& graph, at::ScalarType storage, const Compute& compute);
    /// first's gradients become those of both passes.
    void add_up();
  };

  const TranslationConfig& config_;
  Generator to_target_, to_source_;
  Executor of_source_, of_target_;
};

}  // namespace graft::train
