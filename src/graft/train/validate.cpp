#include "graft/train/validate.h"

#include <algorithm>
#include <numeric>

#include "graft/train/loss.h"

namespace graft::train {

Validation validate(Executor& executor, const Samples& samples, int batch) {
  Validation validation;
  std::vector<std::size_t> all(samples.labels.size());
  std::iota(all.begin(), all.end(), 0);
  const auto most = static_cast<std::size_t>(batch);
  const auto count = static_cast<double>(all.size());
  for (std::size_t first = 0; first < all.size(); first += most) {
    const auto which = std::span(all).subspan(first, std::min(most, all.size() - first));
    const at::Tensor logits = executor.predict(inputs_of(executor.graph(), samples.fill, 0, which));
    validation.logits.insert(validation.logits.end(), logits.const_data_ptr<float>(), logits.const_data_ptr<float>() + logits.numel());
    const Loss loss = samples.targets.empty() ? cross_entropy(logits, labels_of(samples, which), which.size())
                                              : binary_cross_entropy(logits, targets_of(samples, which, logits.size(1)), which.size());
    validation.loss += loss.sum / count;
    validation.accuracy += static_cast<double>(loss.right) / count;
  }
  return validation;
}

}  // namespace graft::train
