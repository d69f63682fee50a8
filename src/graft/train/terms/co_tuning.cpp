// Co-Tuning (You et al. 2020): the source's head goes on learning those of its classes that go with the samples' labels, by cross-entropy.
#include "graft/transfer/co_tuning.h"

#include "graft/train/terms/term.h"

namespace graft::train {

std::optional<Term> co_tuning_term(const Training& training) {
  const Relation& relation = training.streams.labelled.relation;
  if (relation.classes == 0) return std::nullopt;
  const at::Tensor shares = at::tensor(at::ArrayRef(relation.shares), at::kFloat).view({-1, static_cast<int64_t>(relation.classes)});
  const auto loss = [shares, strength = training.config.co_tuning](const Outputs& outputs, const Batch& batch, std::size_t share) -> TermLoss {
    const at::Tensor t = weighed(batch.targets.mm(shares), batch);  // a row sums to what its sample counts
    const at::Tensor log_p = at::log_softmax(outputs.at(transfer::kSourceLogits), 1);
    return {-strength * (t * log_p).sum(at::kDouble).item<double>(),
            {{transfer::kSourceLogits, (log_p.exp() * t.sum(1, true) - t) * (strength / static_cast<double>(share))}}};
  };
  return Term{.name = "co-tuning", .loss = loss};
}

}  // namespace graft::train
