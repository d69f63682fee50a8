#include "graft/trust/sets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::trust {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kPenalty = 0.01;      // RAPS's lambda; the paper's results hardly depend on it
constexpr std::size_t kFreeRanks = 5;  // RAPS's k_reg
constexpr double kMissed = 2;          // photos of a class, that its own threshold is found by
constexpr double kRounding = 1e-9;     // of a product such as (n + 1) * 0.9

std::size_t whole_from(double x) { return static_cast<std::size_t>(std::ceil(x - kRounding)); }

struct Scored {
  int label;
  double score;
};

/// RAPS's score of each class without its random part, the most probable class first.
std::vector<Scored> raps(std::span<const float> probabilities) {
  std::vector<Scored> scores;
  double above = 0;
  for (const eval::Ranked& ranked : eval::top_k(probabilities, static_cast<int>(probabilities.size()))) {
    const std::size_t rank = scores.size() + 1;
    scores.push_back({ranked.label, above + (rank > kFreeRanks ? kPenalty * static_cast<double>(rank - kFreeRanks) : 0)});
    above += static_cast<double>(ranked.probability);
  }
  return scores;
}

/// The smallest threshold that the next score is below with the probability asked for; infinite where there are too few scores.
double conformal_quantile(std::vector<double> scores, double coverage) {
  const std::size_t rank = whole_from(static_cast<double>(scores.size() + 1) * coverage);
  if (rank > scores.size()) return kInfinite;
  std::ranges::nth_element(scores, scores.begin() + static_cast<std::ptrdiff_t>(rank - 1));
  return scores[rank - 1];
}

}  // namespace

std::size_t enough_of_a_class(double coverage) { return whole_from(kMissed / (1 - coverage)); }
std::size_t enough_at_all(double coverage) { return whole_from(coverage / (1 - coverage)); }

void check_coverage(double coverage) {
  if (coverage > 0 && coverage < 1) return;
  throw usage_error(fmt::format("--coverage {}", coverage), "expected a fraction between 0 and 1, such as 0.9",
                    coverage == 1 ? "only the set of all classes is always right" : "");
}

std::vector<std::string> to_text(const Sets& sets, std::span<const std::string> classes) {
  const std::string percent = fmt::format("{:.6g} %", 100 * sets.coverage);
  if (std::ranges::any_of(sets.thresholds, [](double t) { return std::isinf(t); }))
    return {fmt::format("sets of {}: {} photos are too few to leave out any class, expected at least {}: every set contains all classes", percent,
                        sets.photos, enough_at_all(sets.coverage))};
  std::vector<std::string> small;
  for (std::size_t k = 0; k < classes.size(); ++k)
    if (!sets.own[k]) small.push_back(classes[k]);
  std::string whose = "for each class by its own photos";
  if (small.size() == classes.size()) whose = "for all classes together";
  else if (!small.empty())
    whose = fmt::format("for each class by its own photos, except {}, which have fewer than {} and go by all photos together", first_few(small),
                        enough_of_a_class(sets.coverage));
  return {fmt::format("sets of {}: found on {} photos ({}), {}", percent, sets.photos, in_words(sets.on), whose)};
}

Sets calibrate_sets(data::SingleLabel /*task*/, const eval::Truth& truth, std::span<const float> probabilities, std::size_t classes, double coverage,
                    Basis on) {
  std::vector<double> all;
  std::vector<std::vector<double>> of_class(classes);
  for (std::size_t i = 0; i < truth.rows; ++i) {
    const std::vector<Scored> scores = raps(probabilities.subspan(i * classes, classes));
    const double score = std::ranges::find(scores, truth.labels[i], &Scored::label)->score;
    all.push_back(score);
    of_class[static_cast<std::size_t>(truth.labels[i])].push_back(score);
  }
  Sets sets{.coverage = coverage,
            .thresholds = std::vector<double>(classes, conformal_quantile(all, coverage)),
            .own = std::vector<bool>(classes, false),
            .on = on,
            .photos = truth.rows};
  for (std::size_t k = 0; k < classes; ++k) {
    if (of_class[k].size() < enough_of_a_class(coverage)) continue;
    sets.own[k] = true;
    sets.thresholds[k] = conformal_quantile(std::move(of_class[k]), coverage);
  }
  return sets;
}

Sets calibrate_sets(data::MultiLabel /*task*/, const eval::Truth& truth, std::span<const float> probabilities, std::size_t classes, double coverage,
                    Basis on) {
  struct Class {
    double score, part;  // of the classes of its photo
  };
  std::vector<Class> positives;
  std::size_t photos = 0;  // that have a class: others have none to miss
  for (std::size_t i = 0; i < truth.rows; ++i) {
    const std::span<const float> targets = truth.targets.subspan(i * classes, classes);
    const auto count = std::ranges::count_if(targets, [](float t) { return t > 0.5F; });
    if (count > 0) ++photos;
    for (std::size_t k = 0; k < classes; ++k)
      if (targets[k] > 0.5F) positives.push_back({1 - static_cast<double>(probabilities[i * classes + k]), 1 / static_cast<double>(count)});
  }
  std::ranges::sort(positives, {}, &Class::score);
  double threshold = kInfinite, missed = static_cast<double>(photos);
  const double bearable = (1 - coverage) * static_cast<double>(photos + 1) - 1 + kRounding;
  for (std::size_t i = 0; i < positives.size() && std::isinf(threshold); ++i) {
    missed -= positives[i].part;
    if (missed <= bearable) threshold = positives[i].score;
  }
  return {coverage, std::vector<double>(classes, threshold), std::vector<bool>(classes, false), on, photos};
}

Sets calibrate_sets(const eval::Truth& truth, std::span<const float> probabilities, std::size_t classes, double coverage, Basis on) {
  if (probabilities.size() != truth.rows * classes || !(coverage > 0 && coverage < 1))
    throw std::logic_error("trust: sizes of probabilities and labels do not agree, or a coverage is not between 0 and 1");
  return std::visit([&](const auto& task) { return calibrate_sets(task, truth, probabilities, classes, coverage, on); }, truth.task);
}

std::vector<int> set_of(data::SingleLabel /*task*/, const Sets& sets, std::span<const float> probabilities) {
  std::vector<int> set;
  for (const Scored& of : raps(probabilities))
    if (of.score <= sets.thresholds[static_cast<std::size_t>(of.label)]) set.push_back(of.label);
  return set;
}

std::vector<int> set_of(data::MultiLabel /*task*/, const Sets& sets, std::span<const float> probabilities) {
  std::vector<int> set;
  for (const eval::Ranked& ranked : eval::top_k(probabilities, static_cast<int>(probabilities.size())))
    if (1 - static_cast<double>(ranked.probability) <= sets.thresholds[static_cast<std::size_t>(ranked.label)]) set.push_back(ranked.label);
  return set;
}

nlohmann::ordered_json to_json(const Sets& sets) {
  nlohmann::ordered_json thresholds = nlohmann::ordered_json::array();
  for (const double t : sets.thresholds) thresholds.push_back(std::isinf(t) ? nlohmann::ordered_json() : nlohmann::ordered_json(t));
  return {{"coverage", sets.coverage},
          {"on", to_string(sets.on)},
          {"photos", sets.photos},
          {"thresholds", std::move(thresholds)},
          {"of_the_class_alone", sets.own}};
}

Sets sets_from(const Record& record, std::size_t classes) {
  const Record sets = record.part("sets", {"coverage", "on", "photos", "thresholds", "of_the_class_alone"});
  return {sets.between("coverage", 0, 1), sets.numbers("thresholds", classes, true), sets.answers("of_the_class_alone", classes), sets.basis("on"),
          sets.count("photos")};
}

}  // namespace graft::trust
