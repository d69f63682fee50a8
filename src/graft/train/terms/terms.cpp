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
    deep_coral_term,
    mean_discrepancy_term,
    class_confusion_term,
    information_term,
    adversary_term,
    fixmatch_term,
};
// clang-format on

}  // namespace

std::string of_stream(const std::string& output, std::size_t stream) { return output + " of stream " + std::to_string(stream); }

std::vector<Term> terms_of(const Training& training) {
  std::vector<Term> terms;
  for (Make* make : kTerms)
    if (auto term = make(training)) terms.push_back(std::move(*term));
  return terms;
}

}  // namespace graft::train
