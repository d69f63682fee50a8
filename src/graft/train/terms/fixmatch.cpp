// FixMatch (Sohn et al. 2020): cross-entropy of the answers for strongly changed photos against the answers for the same photos slightly changed, where
// these are sure: 1/N sum_n 1(max_k q_nk >= t) H(argmax_k q_n, p(strong_n)), q the probabilities for the slightly changed ones, through which no
// gradient flows, and t the threshold of the class (learning_status.h).
#include "graft/train/terms/learning_status.h"
#include "graft/train/terms/of_batch.h"

namespace graft::train {
namespace {

BatchLoss fixmatch(const at::Tensor& weak, const at::Tensor& strong, const std::string& output, LearningStatus& status) {
  const auto [probabilities, answers] = at::softmax(weak, 1).max(1);
  const at::Tensor taken = probabilities.ge(status.thresholds().index_select(0, answers)).to(at::kDouble).unsqueeze(1);
  status.add(answers, probabilities, taken.sum().item<int64_t>());
  const at::Tensor labels = one_hot_targets(answers, strong.size(1)).to(at::kDouble), log_p = at::log_softmax(strong, 1);
  const auto rows = static_cast<double>(strong.size(0));
  return {-(labels * log_p * taken).sum().item<double>() / rows, {{output, (log_p.exp() - labels) * taken / rows}}};
}

}  // namespace

std::optional<Term> fixmatch_term(const Training& training) {
  const TrainConfig& config = training.config;
  if (!config.fixmatch) return std::nullopt;
  const std::string weak = of_stream(graph::kLogits, 0), strong = of_stream(graph::kLogits, 1);
  const auto status = std::make_shared<LearningStatus>(static_cast<std::size_t>(training.graph.output_dims()[0]), config.sure, config.sure_by_class);
  Term term = of_batch("fixmatch", config.unlabeled_weight,
                       [weak, strong, status](const Outputs& outputs) { return fixmatch(outputs.at(weak), outputs.at(strong), strong, *status); });
  term.streams = true;
  term.status = status;
  return term;
}

}  // namespace graft::train
