#include "graft/fit/adapt/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "graft/base/rng.h"
#include "graft/base/text.h"
#include "graft/eval/draw.h"
#include "graft/eval/paired.h"
#include "graft/eval/unlabelled.h"
#include "graft/fit/adapt/way_back.h"

namespace graft::fit {
namespace {

constexpr uint64_t kGainStream = 7;             // of the samples of the bootstrap
constexpr std::size_t kNeighbourPhotos = 2000;  // whose density is computed: its cost is quadratic
constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();

std::vector<float> as_probabilities(const Job& job, std::vector<float> logits) {
  eval::to_probabilities(job.splits.task, logits, job.splits.classes.size());
  return logits;
}

struct SaidAndBack {
  std::vector<float> target;  // probabilities
  std::vector<bool> back;
};

double part_of(const std::vector<bool>& right) { return static_cast<double>(std::ranges::count(right, true)) / static_cast<double>(right.size()); }

MethodFacts facts_of(Job& job, const AdaptCandidate& candidate, SaidAndBack& seen) {
  const std::size_t classes = job.splits.classes.size();
  const Domains& domains = *candidate.seen;
  seen.target = as_probabilities(job, candidate.target_logits);
  // The way back is walked on frozen features, which tell nothing of a network that was trained below the head.
  if (!candidate.training || !job.config.values.adapt.deep) seen.back = right_on_the_way_back(job, candidate);
  const std::vector<float> val = as_probabilities(job, candidate.outcome.val_logits);
  MethodFacts facts = facts_of_answers(candidate.name, seen.target, classes);
  facts.source_accuracy = part_of(right_of(answers_of(val, classes), domains.val.labels));
  if (!seen.back.empty()) facts.back = part_of(seen.back);
  if (!domains.weights.empty()) {
    std::vector<double> losses;
    for (std::size_t i = 0; i < domains.val.labels.size(); ++i)
      losses.push_back(eval::log_loss(std::span(val).subspan(i * classes, classes), domains.val.labels[i]));
    facts.risk = eval::weighed_risk(losses, domains.weights);
  }
  if (!candidate.test_logits.empty()) facts.by_labels = part_right(candidate.test_logits, domains.test.labels, classes);
  return facts;
}

/// Whether the method aligns whole domains, which pulls photos to the classes that the target lacks (Cao et al. 2018). MCC (Jin et al. 2020) and SHOT
/// without its diversity (Liang et al. 2020) suit such targets, too.
bool aligns_whole_domains(const MethodFacts& facts) { return facts.name == "coral"; }

/// Says more beyond chance and leads back better beyond chance; without a way back, says more by kLeastGain.
bool is_better(const MethodFacts& facts) {
  if (!facts.information_gain || facts.information_gain->interval.low <= 0) return false;
  return facts.back_gain ? facts.back_gain->interval.low > 0 : facts.information_gain->mean >= kLeastGain;
}

}  // namespace

MethodFacts facts_of_answers(std::string name, std::span<const float> target, std::size_t classes) {
  const auto some = target.first(std::min(target.size(), kNeighbourPhotos * classes));
  const std::vector<double> entropies = eval::neighbourhood_entropies(some, classes);
  return {.name = std::move(name),
          .source_accuracy = kNotKnown,
          .information = eval::information_maximisation(target, classes),
          .density = std::accumulate(entropies.begin(), entropies.end(), 0.0) / static_cast<double>(entropies.size()),
          .back = kNotKnown};
}

eval::Proportion part_right(std::span<const float> logits, std::span<const int> labels, std::size_t classes) {
  const std::vector<bool> right = right_of(answers_of(logits, classes), labels);
  return {static_cast<double>(std::ranges::count(right, true)), static_cast<double>(right.size())};
}

Gain gain_in_information(std::span<const float> first, std::span<const float> second, std::size_t classes, uint64_t seed) {
  const std::size_t photos = first.size() / classes;
  const auto difference = [&](std::span<const double> times) {
    return eval::information_maximisation(first, classes, times) - eval::information_maximisation(second, classes, times);
  };
  Gain gain{.mean = difference({})};
  std::vector<double> samples, times(photos);
  for (int sample = 0; sample < eval::resamples_for(static_cast<double>(first.size())); ++sample) {
    Rng rng(seed, kGainStream + (static_cast<uint64_t>(sample) << 8U));
    std::ranges::fill(times, 0.0);
    for (std::size_t i = 0; i < photos; ++i) ++times[rng.below(photos)];
    samples.push_back(difference(times));
  }
  gain.interval = eval::bootstrap_interval(std::move(samples), gain.mean).value_or(eval::Interval{gain.mean, gain.mean});
  return gain;
}

std::vector<MethodFacts> judge(Job& job, const std::vector<AdaptCandidate>& candidates) {
  std::vector<MethodFacts> list;
  SaidAndBack none;
  for (const AdaptCandidate& candidate : candidates) {
    SaidAndBack seen;
    MethodFacts facts = facts_of(job, candidate, seen);
    if (list.empty()) {
      none = seen;
    } else {
      facts.information_gain = gain_in_information(seen.target, none.target, job.splits.classes.size(), job.config.values.seed);
      if (!seen.back.empty()) {
        const eval::Paired back = eval::compare(seen.back, none.back);
        facts.back_gain = {back.difference, back.interval};
      }
    }
    list.push_back(std::move(facts));
    check_interrupted();
  }
  return list;
}

std::vector<std::string> doubts_about(const MethodFacts& method, const MethodFacts& none) {
  std::vector<std::string> doubts;
  const auto doubt = [&](const char* what, double own, double of_none) {
    doubts.push_back(
        fmt::format("the answers of {} {} than those of none, {:.3f} in place of {:.3f}, beyond chance: compare --method none, or let auto choose",
                    method.name, what, own, of_none));
  };
  if (method.back_gain && method.back_gain->interval.high < 0) doubt("lead back to the source worse", method.back, none.back);
  if (method.information_gain && method.information_gain->interval.high < 0)
    doubt("say less of the target's photos", method.information, none.information);
  return doubts;
}

std::vector<AlwaysOne> always_one(const Job& job, const AdaptCandidate& taken) {
  const std::size_t classes = job.splits.classes.size();
  const Domains& seen = *taken.seen;
  if (taken.test_logits.empty()) return {};
  const auto most_of = [&](const std::vector<int>& labels) {
    std::vector<long> photos(classes);
    for (const int label : labels) ++photos[static_cast<std::size_t>(label)];
    return static_cast<int>(std::ranges::max_element(photos) - photos.begin());
  };
  const int largest = most_of(seen.source.labels), usual = most_of(answers_of(taken.target_logits, classes));
  const std::vector<bool> right = right_of(answers_of(taken.test_logits, classes), seen.test.labels);
  std::vector<AlwaysOne> list;
  const auto add = [&](const char* which, int label) {
    const std::vector<bool> always = right_of(std::vector<int>(right.size(), label), seen.test.labels);
    const eval::Paired paired = eval::compare(always, right);
    list.push_back({which, printable(job.splits.classes[static_cast<std::size_t>(label)]), part_of(always), {paired.difference, paired.interval}});
  };
  add("the source's largest class", largest);
  if (usual != largest) add("the most frequent answer", usual);
  return list;
}

std::vector<std::string> warnings_of(const std::vector<AlwaysOne>& always, const MethodFacts& taken) {
  std::vector<std::string> warnings;
  for (const AlwaysOne& one : always)
    if (one.over_taken.mean > 0)
      warnings.push_back(fmt::format(
          "always to answer '{}', {}, would be right on {:.1f} % of the target's test photos, {} is on {:.1f} % (the difference is {} chance)",
          one.name, one.which, 100 * one.accuracy, taken.name, 100 * taken.by_labels->value(),
          one.over_taken.interval.low > 0 ? "beyond" : "within"));
  return warnings;
}

Choice choose_method(const std::vector<MethodFacts>& methods, const Lacking& lacking) {
  if (methods.size() < 2) return {0, ""};
  const MethodFacts& none = methods.front();
  // What leads back better has shown more than what only says more.
  const auto rank = [](const MethodFacts& facts) { return std::pair(facts.back_gain.has_value(), facts.back_gain ? facts.back : facts.information); };
  std::size_t best = 0;
  for (std::size_t m = 1; m < methods.size(); ++m) {
    const bool considered = lacking.all_there() || !aligns_whole_domains(methods[m]);
    if (considered && is_better(methods[m]) && (best == 0 || rank(methods[m]) > rank(methods[best]))) best = m;
  }
  const MethodFacts& taken = methods[best];
  std::string reason = fmt::format(
      "no method's answers have more information beyond chance and also lead back to the source better beyond chance or, where that is not measured, "
      "have at least {:g} more information",
      kLeastGain);
  if (best > 0 && taken.back_gain)
    reason = fmt::format("its answers lead back to the source better than none's, {:.3f} in place of {:.3f}, and say more, both beyond chance",
                         taken.back, none.back);
  else if (best > 0)
    reason = fmt::format("its answers have {:.3f} more information than none's ({:.3f} to {:.3f}); whether they are right, only labels tell",
                         taken.information_gain->mean, taken.information_gain->interval.low, taken.information_gain->interval.high);
  const bool left_out = std::ranges::any_of(methods, aligns_whole_domains) && !lacking.all_there();
  if (left_out) reason += fmt::format("; coral, which aligns whole domains, was not considered, because {}", lacking.why());
  return {best, reason};
}

}  // namespace graft::fit
