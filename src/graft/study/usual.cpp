#include "graft/study/usual.h"

#include <map>

namespace graft::study {
namespace {

const std::map<std::string, std::vector<std::string>>& table() {
  static const std::map<std::string, std::vector<std::string>> words = {
      {"accumulate", {"--accumulate", "2"}},
      {"batch-norm", {"--batch-norm", "live"}},
      {"begin", {"--begin", "zero"}},
      {"bss", {"--bss", "0.001"}},
      {"clip", {"--clip", "1"}},
      {"co-tuning", {"--co-tuning", "2.3"}},
      {"cutmix", {"--cutmix", "1"}},
      {"delta", {"--delta", "0.5"}},
      {"dropout", {"--dropout", "0.2"}},
      {"ema", {"--ema", "0.99"}},
      {"erase", {"--erase", "0.25"}},
      {"focal", {"--loss", "focal"}},
      {"head-lr", {"--head-lr", "10"}},
      {"imbalance", {"--imbalance", "auto"}},
      {"l2-sp", {"--l2-sp", "0.01"}},
      {"label-smoothing", {"--label-smoothing", "0.1"}},
      {"lr-decay", {"--lr-decay", "0.5"}},
      {"mirror", {"--mirror"}},
      {"mixup", {"--mixup", "0.2"}},
      {"policy", {"--policy", "trivial"}},
      {"repeated", {"--repeated", "3"}},
      {"sam", {"--sam", "0.05"}},
      {"soup", {"--soup", "3"}},
      {"stages", {"--features", "stages"}},
      {"standard", {"--augment", "standard"}},
      {"stoch-norm", {"--stoch-norm", "0.5"}},
      {"stochastic-depth", {"--stochastic-depth", "0.2"}},
      {"strong", {"--augment", "strong"}},
      {"swa", {"--swa", "0.25"}},
      {"vertical-flip", {"--vertical-flip", "0.5"}},
      {"views", {"--views", "0"}},
      {"wise", {"--wise", "0.5"}},
  };
  return words;
}

}  // namespace

std::optional<std::vector<std::string>> usual(const std::string& option) {
  const auto found = table().find(option);
  if (found == table().end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> usual_options() {
  std::vector<std::string> names;
  for (const auto& [name, words] : table()) names.push_back(name);
  return names;
}

}  // namespace graft::study
