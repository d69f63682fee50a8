#include "graft/train/terms/term.h"

namespace graft::train {
namespace {

// clang-format off
constexpr Make* kTerms[] = {
    cross_entropy_term,
    focal_term,
    poly_term,
    distillation_term,
    spectral_shrinkage_term,
    delta_term,
    co_tuning_term,
};
// clang-format on

}  // namespace

std::vector<Term> terms_of(const Training& training) {
  std::vector<Term> terms;
  for (Make* make : kTerms)
    if (auto term = make(training)) terms.push_back(std::move(*term));
  return terms;
}

}  // namespace graft::train
