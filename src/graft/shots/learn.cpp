#include "graft/shots/learn.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graft/base/error.h"
#include "graft/base/quotes.h"

namespace graft::shots {
namespace {

constexpr double kOfCosines = 10;
constexpr double kDoubt = 2;  // standard errors

void multiply(head::LinearHead& layer, double by) {
  for (std::vector<float>* values : {&layer.weight, &layer.bias})
    for (float& value : *values) value = static_cast<float>(static_cast<double>(value) * by);
}

/// Where no photo can be left out: each is alone in its class, and LDA is the prototypes.
double usual_temperature(head::Rule rule) { return rule == head::Rule::logistic ? 1 : 1 / kOfCosines; }

/// The left-out rows of the solution, without those that could not be.
struct Answers {
  std::vector<int> labels;
  std::vector<float> logits;
};

Answers answers_of(const head::Solved& solved, const head::FewRows& rows) {
  Answers answers;
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    if (std::isnan(solved.left_out[i * rows.classes])) continue;
    answers.labels.push_back(rows.labels[i]);
    for (std::size_t k = 0; k < rows.classes; ++k) answers.logits.push_back(static_cast<float>(solved.left_out[i * rows.classes + k]));
  }
  return answers;
}

/// What brings the distance between a photo's largest and smallest logit to 5 in the mean: rules answer in numbers of their own, and a temperature is
/// looked for around 1.
double size_of(const Answers& answers, std::size_t classes) {
  double sum = 0;
  for (std::size_t i = 0; i < answers.labels.size(); ++i) {
    const auto [low, high] = std::ranges::minmax(std::span(answers.logits).subspan(i * classes, classes));
    sum += static_cast<double>(high) - static_cast<double>(low);
  }
  return sum > 0 ? sum / static_cast<double>(answers.labels.size()) / 5 : 1;
}

LeftOut score(const Answers& answers, std::size_t classes) {
  const trust::Sureness sure =
      trust::sureness_of({.truth = {.rows = answers.labels.size(), .labels = answers.labels}, .logits = answers.logits, .classes = classes});
  std::size_t right = 0;
  std::vector<double> wrong;
  for (std::size_t i = 0; i < answers.labels.size(); ++i) {
    const auto row = std::span(answers.logits).subspan(i * classes, classes);
    const bool named = std::ranges::max_element(row) - row.begin() == answers.labels[i];
    wrong.push_back(named ? 0 : 1);
    if (named) ++right;
  }
  return {answers.labels.size(), static_cast<double>(right) / static_cast<double>(answers.labels.size()), sure.log_loss, std::move(wrong)};
}

bool better_beyond_chance(std::span<const double> wrong, std::span<const double> others) {
  if (wrong.size() != others.size() || wrong.size() < 2) return false;
  const auto n = static_cast<double>(wrong.size());
  double gain = 0, squares = 0;
  for (std::size_t i = 0; i < wrong.size(); ++i) gain += (others[i] - wrong[i]) / n;
  for (std::size_t i = 0; i < wrong.size(); ++i) squares += (others[i] - wrong[i] - gain) * (others[i] - wrong[i] - gain);
  return gain > kDoubt * std::sqrt(squares / (n - 1) / n);
}

}  // namespace

bool can_choose(const head::FewRows& rows) {
  return std::ranges::all_of(rows.sizes, [](double size) { return size >= 2; });
}

Tried try_rule(head::Rule rule, const head::FewRows& rows, uint64_t seed, ThreadPool& pool) {
  Tried tried{.rule = rule, .solved = head::solve(rule, rows, seed, pool)};
  Answers answers = answers_of(tried.solved, rows);
  tried.temperature = usual_temperature(rule);
  if (!answers.labels.empty()) {
    const double size = size_of(answers, rows.classes);
    for (float& logit : answers.logits) logit = static_cast<float>(static_cast<double>(logit) / size);
    const trust::Tempering found =
        trust::temper({.truth = {.rows = answers.labels.size(), .labels = answers.labels}, .logits = answers.logits, .classes = rows.classes});
    for (float& logit : answers.logits) logit = static_cast<float>(static_cast<double>(logit) / found.best);
    tried.temperature = size * found.best;
    tried.left_out = score(answers, rows.classes);
  }
  multiply(tried.solved.head, 1 / tried.temperature);
  return tried;
}

std::size_t best_of(std::span<const Tried> tried) {
  const auto wrong = [&](std::size_t i) -> const std::vector<double>& { return tried[i].left_out.value().wrong; };
  const auto lda = static_cast<std::size_t>(std::ranges::find(tried, head::Rule::lda, &Tried::rule) - tried.begin());
  std::size_t best = lda;
  for (std::size_t i = 0; i < tried.size(); ++i)
    if (better_beyond_chance(wrong(i), wrong(lda)) && tried[i].left_out->accuracy > tried[best].left_out->accuracy) best = i;
  return best;
}

Unit unit_rows(const Support& support, Centre centre) {
  Unit unit;
  if (centre == Centre::support) unit.centre = head::mean_of(support.values, support.width);
  std::vector<float> values = support.values;
  head::make_unit(values, support.width, unit.centre);
  unit.rows = head::few_rows(std::move(values), support.width, support.labels, support.classes.size());
  return unit;
}

Learnt learn(const Support& support, RuleChoice rule, Centre centre, uint64_t seed, const std::string& source, ThreadPool& pool) {
  if (support.classes.size() < 2)
    throw data_error(source, fmt::format("has only one class, {}, expected at least 2", in_quotes(support.classes.front())),
                     "add a folder of photos of another class");
  if (support.labels.size() > kMostPhotos)
    throw data_error(source, fmt::format("{} photos, expected at most {}", support.labels.size(), kMostPhotos), "train on so many with `graft fit`");
  Unit unit = unit_rows(support, centre);
  Learnt learnt{.centre = std::move(unit.centre), .taken = {}, .reason = "as asked for", .tried = {}};
  if (rule != RuleChoice::automatic) {
    learnt.taken = try_rule(head::kRules[static_cast<std::size_t>(rule) - 1], unit.rows, seed, pool);
    return learnt;
  }
  if (!can_choose(unit.rows)) {
    const auto single = std::ranges::find_if(unit.rows.sizes, [](double size) { return size < 2; });
    const std::string& name = support.classes[static_cast<std::size_t>(single - unit.rows.sizes.begin())];
    learnt.taken = try_rule(head::Rule::prototypes, unit.rows, seed, pool);
    learnt.reason = fmt::format(
        "class {} has only one photo, which cannot be left out: the published default for so few (SimpleShot, Wang et al. 2019)", in_quotes(name));
    return learnt;
  }
  for (const head::Rule each : head::kRules) learnt.tried.push_back(try_rule(each, unit.rows, seed, pool));
  learnt.taken = learnt.tried[best_of(learnt.tried)];
  const std::size_t photos = support.labels.size();
  learnt.reason = learnt.taken.rule == head::Rule::lda
                      ? fmt::format("no other rule gets more of {} photos, left out one at a time, right beyond chance", photos)
                      : fmt::format("gets more of {} photos, left out one at a time, right than lda, beyond chance", photos);
  return learnt;
}

}  // namespace graft::shots
