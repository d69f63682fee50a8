// A training step of CycleGAN (Zhu et al. 2017): the losses of its generators and discriminators, and their gradients.
//
// Instance norm treats each picture separately, so the pictures to be translated and those of the generator's own output domain (for the identity
// loss) go through a generator as one batch. Its second forward pass, on the other generator's output, comes before the backward pass of the first,
// so each pass has its own executor.
#pragma once

#include "graft/train/graph/executor.h"
#include "graft/train/translation.h"

namespace graft::train {

/// Losses summed over both directions, before weighting; for the discriminators half the sum of their losses on real and on generated pictures.
struct CycleLosses {
  double adversarial = 0, cycle = 0, identity = 0, discriminators = 0;

  /// The loss that the generators minimize.
  double of_generators(const TranslationConfig& config) const { return adversarial + config.cycle * (cycle + config.identity * identity); }
};

/// Generated pictures of each domain.
struct MadePictures {
  at::Tensor source, target;
};

class CycleStep {
 public:
  /// Keeps a reference to `config`, which must outlive it.
  CycleStep(const TranslationNetworks& networks, const TranslationConfig& config, at::ScalarType storage = at::kFloat,
            const Compute& compute = cpu());

  /// Translates pictures of both domains, (N, H, W, 3); returns the generated ones and leaves the generators' gradients in to_target() and
  /// to_source().
  MadePictures generate(const at::Tensor& source, const at::Tensor& target, CycleLosses& losses);
  /// Leaves the gradients of both discriminators, for these pictures and generated ones, in of_source() and of_target().
  void tell(const at::Tensor& source, const at::Tensor& target, const MadePictures& made, CycleLosses& losses);

  Executor& to_target() { return to_target_.first; }
  Executor& to_source() { return to_source_.first; }
  Executor& of_source() { return of_source_; }
  Executor& of_target() { return of_target_; }

 private:
  /// One executor for each of the two passes; both share the same weight tensors.
  struct Generator {
    Executor first, again;
    Generator(const graph::Graph& graph, at::ScalarType storage, const Compute& compute);
    /// Adds the gradients of `again` to those of `first`.
    void add_up();
  };

  const TranslationConfig& config_;
  Generator to_target_, to_source_;
  Executor of_source_, of_target_;
};

}  // namespace graft::train
