// The numbers of graft's evaluations without a model, for bench/metrics_parity.py:
//   metrics < CASES > ANSWERS    a case a line, JSON: {"task", "classes", "labels" or "targets", "probabilities", "groups"}; NaN as null
//   metrics time PHOTOS CLASSES [multi-label]    CPU seconds of all numbers with their intervals, on made answers
#include <fmt/format.h>

#include <ctime>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/rng.h"
#include "graft/eval/scores.h"

namespace {

using namespace graft;  // NOLINT(google-build-using-namespace): a tool
using nlohmann::json;

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < count; ++k) names.push_back(std::to_string(k));
  return names;
}

json answer(const json& given) {
  const auto task = data::task_named(given.at("task").get<std::string>()).value();
  const auto names = numbered(given.at("classes"));
  std::vector<float> probabilities;
  for (const json& p : given.at("probabilities")) probabilities.push_back(p.is_null() ? std::numeric_limits<float>::quiet_NaN() : p.get<float>());
  const auto labels = given.value("labels", std::vector<int>());
  const auto targets = given.value("targets", std::vector<float>());
  const auto groups = given.value("groups", std::vector<std::string>());
  try {
    return eval::to_json(eval::measure({task, probabilities.size() / names.size(), labels, targets}, probabilities, names,
                                       {.seed = given.value("seed", 0U), .resamples = given.value("resamples", 8), .groups = groups}));
  } catch (const Error& e) {
    return {{"error", e.what()}};
  }
}

/// Right in about four of five.
int time_of(std::size_t photos, std::size_t classes, bool several) {
  Rng rng(1);
  std::vector<float> probabilities(photos * classes), targets;
  std::vector<int> labels;
  for (float& p : probabilities) p = static_cast<float>(rng.uniform());
  for (std::size_t i = 0; i < photos; ++i) {
    labels.push_back(static_cast<int>(rng.below(classes)));
    probabilities[i * classes + static_cast<std::size_t>(labels.back())] += 0.8F;
  }
  for (std::size_t i = 0; several && i < probabilities.size(); ++i) {
    probabilities[i] = std::min(probabilities[i], 1.0F);
    targets.push_back(rng.uniform() < 0.7 * static_cast<double>(probabilities[i]) ? 1.0F : 0.0F);
  }
  const eval::Truth truth{several ? data::Task(data::MultiLabel{}) : data::Task(data::SingleLabel{}), photos,
                          std::span(labels).first(several ? 0 : photos), targets};
  const auto seconds = [] { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };
  const double begin = seconds();
  const auto alone = eval::evaluate(truth, probabilities, numbered(classes));
  const double middle = seconds();
  const auto all = eval::measure(truth, probabilities, numbered(classes), {});
  fmt::print("{} photos, {} classes: numbers alone {:.3f} s, with intervals of {} samples {:.3f} s of CPU; accuracy {:.3f}\n", photos, classes,
             middle - begin, eval::numbers_in(all).intervals.resamples, seconds() - middle, eval::value_of(alone, "accuracy"));
  return 0;
}

}  // namespace

int main(int count, char** words) {
  if (count >= 4) return time_of(std::stoul(words[2]), std::stoul(words[3]), count > 4);
  for (std::string line; std::getline(std::cin, line);) std::cout << answer(json::parse(line)).dump() << "\n";
}
