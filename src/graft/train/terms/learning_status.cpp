#include "graft/train/terms/learning_status.h"

#include <algorithm>
#include <stdexcept>

namespace graft::train {

LearningStatus::LearningStatus(std::size_t classes, double sure, bool by_class) : sure_(sure), by_class_(by_class), before_(classes), now_(classes) {}

at::Tensor LearningStatus::thresholds() const {
  const double most = std::ranges::max(before_);
  at::Tensor thresholds = at::full({static_cast<int64_t>(before_.size())}, sure_, at::kDouble);
  if (!by_class_ || most == 0) return thresholds;
  const double least = (sure_ + 1 / static_cast<double>(before_.size())) / 2;
  for (std::size_t k = 0; k < before_.size(); ++k) {
    const double learned = before_[k] / most;
    thresholds.mutable_data_ptr<double>()[k] = std::max(sure_ * learned / (2 - learned), least);
  }
  return thresholds;
}

void LearningStatus::add(const at::Tensor& answers, const at::Tensor& probabilities, int64_t taken) {
  const at::Tensor list = answers.contiguous(), sure = probabilities.ge(sure_).contiguous();
  for (int64_t i = 0; i < list.numel(); ++i)
    if (sure.const_data_ptr<bool>()[i]) now_[static_cast<std::size_t>(list.const_data_ptr<int64_t>()[i])] += 1;
  seen_ += static_cast<double>(list.numel());
  taken_ += static_cast<double>(taken);
}

double LearningStatus::taken() const { return seen_ > 0 ? taken_ / seen_ : 0; }

void LearningStatus::next_epoch() {
  before_ = now_;
  std::ranges::fill(now_, 0.0);
  seen_ = taken_ = 0;
}

std::vector<double> LearningStatus::values() const {
  std::vector<double> all = before_;
  all.insert(all.end(), now_.begin(), now_.end());
  all.insert(all.end(), {seen_, taken_});
  return all;
}

void LearningStatus::restore(const std::vector<double>& values) {
  if (values.size() != 2 * before_.size() + 2) throw std::logic_error("LearningStatus: of other classes");
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(before_.size());
  before_.assign(values.begin(), middle);
  now_.assign(middle, values.end() - 2);
  seen_ = values[values.size() - 2];
  taken_ = values.back();
}

}  // namespace graft::train
