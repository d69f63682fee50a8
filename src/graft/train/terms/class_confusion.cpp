// Minimum class confusion (MCC, Jin et al. 2020) of the target's answers: with P = softmax(logits / T), (N, K), and w the clearness of each row,
// C_ij = sum_n w_n P_ni P_nj says how far classes i and j are mixed up; the loss is the mean over the classes j of what its column has outside of C_jj,
// as a part of the column.
#include "graft/train/terms/entropy.h"
#include "graft/train/terms/of_batch.h"

namespace graft::train {
namespace {

constexpr double kSmallest = 1e-100;  // of the probabilities of a class that no row has any of

/// As a column of C sums to s_j = sum_n w_n P_nj, the loss is 1 - sum_j C_jj / s_j / K.
BatchLoss confusion(const at::Tensor& logits, const std::string& output, double temperature) {
  const at::Tensor p = at::softmax(logits / temperature, 1), w = clearness(p).unsqueeze(1);
  const at::Tensor own = (w * p.square()).sum(0), all = (w * p).sum(0).clamp_min(kSmallest);
  const auto classes = static_cast<double>(logits.size(1));
  const at::Tensor by_p = -w * (2 * p / all - own / all.square()) / classes;
  return {1 - (own / all).sum().item<double>() / classes, {{output, through_softmax(p, by_p) / temperature}}};
}

}  // namespace

std::optional<Term> class_confusion_term(const Training& training) {
  if (training.config.adapt != Adaptation::mcc) return std::nullopt;
  const std::string target = of_stream(graph::kLogits);
  Term term = of_batch("mcc", training.config.trade_off, [target, temperature = training.config.mcc_temperature](const Outputs& outputs) {
    return confusion(outputs.at(target), target, temperature);
  });
  term.streams = true;
  return term;
}

}  // namespace graft::train
