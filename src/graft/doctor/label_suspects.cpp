#include "graft/doctor/label_suspects.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "graft/eval/scores.h"
#include "graft/head/l2_path.h"

namespace graft::doctor {
namespace {

/// Rows of a problem as one of its own.
struct SomeRows {
  std::vector<float> values, targets;
  std::vector<int> labels;

  SomeRows(const head::Problem& p, std::span<const std::size_t> rows) {
    const auto classes = static_cast<std::size_t>(p.classes);
    for (const std::size_t row : rows) {
      const auto of_row = p.features.row(row);
      values.insert(values.end(), of_row.begin(), of_row.end());
      if (!p.labels.empty()) labels.push_back(p.labels[row]);
      if (!p.targets.empty())
        targets.insert(targets.end(), p.targets.begin() + static_cast<std::ptrdiff_t>(row * classes),
                       p.targets.begin() + static_cast<std::ptrdiff_t>((row + 1) * classes));
    }
  }
  head::Problem problem(const head::Problem& p, std::size_t rows) const {
    return {.features = {values, rows, p.features.width}, .classes = p.classes, .task = p.task, .labels = labels, .targets = targets};
  }
};

/// By which folds are dealt: the class of a row, or the first of its classes; 0 of a row without any.
std::vector<int> one_label_each(const head::Problem& p) {
  std::vector<int> labels(p.labels.begin(), p.labels.end());
  const auto classes = static_cast<std::ptrdiff_t>(p.classes);
  for (auto row = p.targets.begin(); row != p.targets.end(); row += classes) {
    const auto first = std::find(row, row + classes, 1.0F);
    labels.push_back(first == row + classes ? 0 : static_cast<int>(first - row));
  }
  return labels;
}

std::vector<std::size_t> most_rows(const std::vector<std::size_t>& rows, std::span<const int> labels, int classes, uint64_t seed) {
  if (rows.size() <= head::kMostRows) return rows;
  std::vector<int> of_rows;
  for (const std::size_t row : rows) of_rows.push_back(labels[row]);
  std::vector<std::size_t> some;
  for (const std::size_t i : head::subsample(of_rows, classes, {}, seed)) some.push_back(rows[i]);
  return some;
}

constexpr double kLeast = 0.5;  // of the other class: where a head knows little, all photos would be suspect
constexpr double kSure = 0.8;   // of the other class, which is enough where its own photos are known nearly always

/// The mean probability that the photos labelled with a class have of it, or kSure where that is more; above 1 where there are none.
class Means {
 public:
  explicit Means(std::size_t classes) : sum_(classes), count_(classes) {}
  void add(std::size_t k, double probability) { sum_[k] += probability, count_[k] += 1; }
  double operator[](std::size_t k) const { return count_[k] > 0 ? std::min(sum_[k] / count_[k], kSure) : 2; }

 private:
  std::vector<double> sum_, count_;
};

std::vector<Suspect> suspects(data::SingleLabel /*task*/, const head::Problem& p, std::span<const float> probabilities) {
  const auto classes = static_cast<std::size_t>(p.classes);
  Means means(classes);
  const auto probability = [&](std::size_t row, std::size_t k) { return static_cast<double>(probabilities[row * classes + k]); };
  const auto given = [&](std::size_t row) { return static_cast<std::size_t>(p.labels[row]); };
  for (std::size_t row = 0; row < p.features.rows; ++row)
    if (!std::isnan(probability(row, 0))) means.add(given(row), probability(row, given(row)));
  std::vector<Suspect> found;
  for (std::size_t row = 0; row < p.features.rows; ++row) {
    if (std::isnan(probability(row, 0))) continue;
    std::size_t likely = given(row);
    for (std::size_t k = 0; k < classes; ++k)
      if (probability(row, k) >= std::max(means[k], kLeast) && probability(row, k) > probability(row, likely)) likely = k;
    if (likely != given(row)) found.push_back({row, p.labels[row], static_cast<int>(likely), probability(row, given(row)), probability(row, likely)});
  }
  return found;
}

std::vector<Suspect> suspects(data::MultiLabel /*task*/, const head::Problem& p, std::span<const float> probabilities) {
  const auto classes = static_cast<std::size_t>(p.classes);
  std::vector<Suspect> found;
  for (std::size_t k = 0; k < classes; ++k) {
    Means means(2);  // of those without the class, and with it
    const auto has = [&](std::size_t row) { return p.targets[row * classes + k] > 0.5F; };
    const auto of_label = [&](std::size_t row, bool label) {
      const auto probability = static_cast<double>(probabilities[row * classes + k]);
      return label ? probability : 1 - probability;
    };
    for (std::size_t row = 0; row < p.features.rows; ++row)
      if (!std::isnan(of_label(row, true))) means.add(has(row) ? 1 : 0, of_label(row, has(row)));
    for (std::size_t row = 0; row < p.features.rows; ++row) {
      const double now = of_label(row, has(row)), other = of_label(row, !has(row));
      if (std::isnan(now) || other <= now || other < means[has(row) ? 0 : 1]) continue;
      const int name = static_cast<int>(k);
      found.push_back({row, has(row) ? name : -1, has(row) ? -1 : name, now, other});
    }
  }
  return found;
}

}  // namespace

std::vector<float> held_out_probabilities(const head::Problem& p, uint64_t seed, ThreadPool& pool) {
  const auto classes = static_cast<std::size_t>(p.classes);
  const std::vector<int> labels = one_label_each(p);
  const head::Folds folds = head::deal(labels, p.classes, {}, seed, p.groups);
  if (folds.count < 2) return {};
  const double l2 = head::choose_l2(p, seed, pool).l2;
  std::vector<float> probabilities(p.features.rows * classes, std::numeric_limits<float>::quiet_NaN());
  for (int fold = 0; fold < folds.count; ++fold) {
    std::vector<std::size_t> held, kept;
    for (std::size_t row = 0; row < p.features.rows; ++row) (folds.of[row] == fold ? held : kept).push_back(row);
    kept = most_rows(kept, labels, p.classes, seed);
    const SomeRows training(p, kept);
    // The best penalty on the mean loss falls as 1 / rows, as choose_l2 has it.
    const head::LinearHead solved =
        head::solve(training.problem(p, kept.size()), l2 * static_cast<double>(p.features.rows) / static_cast<double>(kept.size()), pool);
    std::vector<float> of_row(classes);
    for (const std::size_t row : held) {
      head::logits(solved, {p.features.row(row), 1, p.features.width}, of_row);
      eval::to_probabilities(p.task, of_row, classes);
      std::ranges::copy(of_row, probabilities.begin() + static_cast<std::ptrdiff_t>(row * classes));
    }
  }
  return probabilities;
}

std::vector<Suspect> suspects_in(const head::Problem& problem, std::span<const float> probabilities) {
  std::vector<Suspect> found = std::visit([&](const auto& task) { return suspects(task, problem, probabilities); }, problem.task);
  std::ranges::sort(found, {}, [](const Suspect& s) { return std::tuple(-s.margin(), s.row, s.given, s.suggested); });
  return found;
}

}  // namespace graft::doctor
