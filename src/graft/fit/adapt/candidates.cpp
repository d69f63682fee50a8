#include "graft/fit/adapt/candidates.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "graft/base/error.h"
#include "graft/base/rng.h"
#include "graft/base/text.h"
#include "graft/fit/head/solve.h"
#include "graft/fit/job/survey.h"
#include "graft/fit/job/target.h"
#include "graft/head/importance.h"
#include "graft/head/recolour.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

void check_enough(const Job& job) {
  const AdaptOptions& c = job.config.values.adapt;
  if (job.target.size() < kFewestOfTarget)
    throw data_error("--target " + printable(c.target->string()),
                     fmt::format("has {} photos that can be read, expected at least {} to adapt to", job.target.size(), kFewestOfTarget),
                     "repair them or add some");
  if (c.target_test && job.target_test.empty())
    throw data_error("--target-test " + printable(c.target_test->string()), "no photo can be read", "repair them or omit it");
}

constexpr std::size_t kDistanceRows = 1000;

/// The first rows of an order by chance.
Rows few_of(const Rows& rows, uint64_t seed) {
  if (rows.labels.size() <= kDistanceRows) return rows;
  std::vector<std::size_t> order(rows.labels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng(seed).shuffle(std::span(order));
  return rows_at(rows, std::span(order).first(kDistanceRows));
}

}  // namespace

std::vector<int> answers_of(std::span<const float> rows, std::size_t classes) {
  std::vector<int> answers;
  for (std::size_t i = 0; i < rows.size(); i += classes) {
    const auto row = rows.subspan(i, classes);
    answers.push_back(static_cast<int>(std::ranges::max_element(row) - row.begin()));
  }
  return answers;
}

double a_distance(const Rows& source, const Rows& target, uint64_t seed, ThreadPool& pool) {
  const double accuracy = head::importance(few_of(source, seed).features(), few_of(target, seed).features(), seed, pool).accuracy;
  return std::max(0.0, 2 * (1 - 2 * (1 - accuracy)));
}

void keep_readable_target(Job& job) {
  const FitConfig& c = job.config.values;
  keep_readable(job, *c.adapt.target, job.target);
  if (c.adapt.target_test) keep_readable(job, *c.adapt.target_test, job.target_test);
  check_enough(job);
}

std::shared_ptr<const Domains> domains_of(Job& job, const Probe& probe) {
  const FitConfig& c = job.config.values;
  engine::FeatureExtractor extractor(job.pretrained.graph, job.preprocess, extract_options(c));
  Domains seen{.source = probe.train, .val = probe.val};
  seen.target = features_of(job, extractor, probe.input, job.target, *c.adapt.target, "target photos");
  if (c.adapt.target_test) seen.test = features_of(job, extractor, probe.input, job.target_test, *c.adapt.target_test, "test photos of the target");
  check_enough(job);
  if (seen.val.labels.size() >= head::kFewestOfDomain)
    seen.weights = head::importance(seen.val.features(), seen.target.features(), c.seed, job.pool).weights;
  seen.distance = a_distance(seen.source, seen.target, c.seed, job.pool);
  return std::make_shared<const Domains>(std::move(seen));
}

AdaptCandidate with_head(const Job& job, const Probe& probe, std::shared_ptr<const Domains> seen, std::string name, const head::LinearHead& head) {
  AdaptCandidate candidate{
      .name = std::move(name),
      .seen = std::move(seen),
      .outcome = {assemble(job.pretrained.graph, head, probe.input), logits_of(head, probe.val), accuracy_of(head, probe.train, job.splits.classes)}};
  candidate.target_logits = logits_of(head, candidate.seen->target);
  if (!candidate.seen->test.labels.empty()) candidate.test_logits = logits_of(head, candidate.seen->test);
  return candidate;
}

AdaptCandidate as_it_is(const Job& job, const Probe& probe, std::shared_ptr<const Domains> seen) {
  return with_head(job, probe, std::move(seen), "none", probe.head);
}

AdaptCandidate recoloured(Job& job, const Probe& probe, std::shared_ptr<const Domains> seen) {
  Rows rows = seen->source;
  rows.values = head::recoloured(seen->source.features(), seen->target.features(), job.pool);
  AdaptCandidate candidate = with_head(job, probe, std::move(seen), "coral", solve(job, rows));
  candidate.aligned = true;
  return candidate;
}

AdaptCandidate trained(std::shared_ptr<const Domains> seen, train::Adaptation method, Outcome outcome) {
  AdaptCandidate candidate{.name = std::string(train::to_string(method)), .seen = std::move(seen), .training = method};
  candidate.target_logits = std::move(outcome.target_logits);
  candidate.test_logits = std::move(outcome.test_logits);
  candidate.outcome = std::move(outcome);
  return candidate;
}

}  // namespace graft::fit
