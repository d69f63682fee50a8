#include "graft/fit/adapt/shift.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "graft/base/text.h"
#include "graft/eval/intervals.h"
#include "graft/head/recolour.h"
#include "graft/trust/known.h"

namespace graft::fit {
namespace {

constexpr double kHardlyAny = 0.25;  // of a class's part in the source
constexpr double kManyFar = 0.25;    // of the target's photos, where kHeldOut lets 0.05 be so

std::vector<double> parts_of(std::span<const int> labels, std::size_t classes) {
  std::vector<double> parts(classes);
  for (const int label : labels) parts[static_cast<std::size_t>(label)] += 1 / static_cast<double>(labels.size());
  return parts;
}

/// Every second row: 0, 2, ... or 1, 3, ...
Rows half_of(const Rows& rows, std::size_t first) {
  std::vector<std::size_t> which;
  for (std::size_t i = first; i < rows.labels.size(); i += 2) which.push_back(i);
  return rows_at(rows, which);
}

/// The source's rows as the chosen head was solved on them; `of`: more rows of the source, done likewise.
Rows aligned(Job& job, const AdaptCandidate& chosen, const Rows& source, const Rows& target, const Rows& of) {
  Rows rows = of;
  if (chosen.aligned) rows.values = head::recoloured(source.features(), target.features(), of.features(), job.pool);
  return rows;
}

std::vector<double> distances(const trust::Clouds& clouds, const Rows& rows) {
  std::vector<std::size_t> all(rows.labels.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const std::vector<float> units = trust::unit_rows(rows.features(), all, rows.width);
  std::vector<double> found;
  for (const std::size_t i : all) found.push_back(trust::distance(clouds, std::span(units).subspan(i * rows.width, rows.width)));
  return found;
}

/// How many of the target's photos are farther from all classes than kHeldOut of those that the source holds out.
std::size_t far_photos(Job& job, const AdaptCandidate& chosen) {
  const Domains& seen = *chosen.seen;
  const Rows source = aligned(job, chosen, seen.source, seen.target, seen.source), val = aligned(job, chosen, seen.source, seen.target, seen.val);
  std::vector<std::size_t> all(source.labels.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const std::vector<float> units = trust::unit_rows(source.features(), all, source.width);
  const trust::Clouds clouds = trust::find_clouds(units, source.labels, source.width, job.config.values.seed, job.pool);
  std::vector<double> own = distances(clouds, val);
  std::ranges::sort(own);
  const double limit = own[std::min(own.size() - 1, static_cast<std::size_t>(kHeldOut * static_cast<double>(own.size())))];
  return static_cast<std::size_t>(std::ranges::count_if(distances(clouds, seen.target), [&](double d) { return d > limit; }));
}

bool many_are_far(std::size_t far, std::size_t photos) { return eval::wilson(static_cast<long>(far), static_cast<long>(photos)).low > kManyFar; }

struct Parts {
  std::vector<double> by_maximisation, by_confusion;
};

/// Of the classes in the target, by the candidate's answers.
Parts target_parts(const Job& job, const AdaptCandidate& candidate) {
  const Domains& seen = *candidate.seen;
  const std::size_t classes = job.splits.classes.size();
  std::vector<float> probabilities = candidate.target_logits;
  eval::to_probabilities(job.splits.task, probabilities, classes);
  std::vector<long> confusion(classes * classes), predicted(classes);
  const std::vector<int> val = answers_of(candidate.outcome.val_logits, classes);
  for (std::size_t i = 0; i < val.size(); ++i) ++confusion[static_cast<std::size_t>(seen.val.labels[i]) * classes + static_cast<std::size_t>(val[i])];
  for (const int answer : answers_of(candidate.target_logits, classes)) ++predicted[static_cast<std::size_t>(answer)];
  return {eval::class_parts(probabilities, parts_of(seen.source.labels, classes)), eval::class_parts(confusion, predicted)};
}

}  // namespace

std::string Lacking::why() const {
  return told ? fmt::format("the target seems to lack {} of the source's classes", classes.size())
              : "whether the target has all classes of the source cannot be told";
}

Lacking lacking(Job& job, const AdaptCandidate& none) {
  Lacking found{.told = !many_are_far(far_photos(job, none), none.seen->target.labels.size()), .two = job.splits.classes.size() == 2};
  if (!found.told) return found;
  const std::vector<double> source = parts_of(none.seen->source.labels, job.splits.classes.size());
  const Parts parts = target_parts(job, none);
  for (std::size_t k = 0; k < source.size(); ++k)
    if (const double hardly = kHardlyAny * source[k]; parts.by_maximisation[k] < hardly && parts.by_confusion[k] < hardly) found.classes.push_back(k);
  return found;
}

Shift shift_of(Job& job, const AdaptCandidate& chosen, const Lacking& lacking) {
  const Domains& seen = *chosen.seen;
  const std::size_t classes = job.splits.classes.size();
  const uint64_t seed = job.config.values.seed;
  Shift shift{.before = seen.distance,
              .after = seen.distance,
              .source_parts = parts_of(seen.source.labels, classes),
              .photos = seen.target.labels.size()};
  if (chosen.translation) shift.after = a_distance(seen.source, seen.target, seed, job.pool);
  // Aligned by a half of each domain, and told apart on the other: moments that were made equal on the same rows would hide a distance.
  if (chosen.aligned)
    shift.after = a_distance(aligned(job, chosen, half_of(seen.source, 0), half_of(seen.target, 0), half_of(seen.source, 1)), half_of(seen.target, 1),
                             seed, job.pool);
  Parts parts = target_parts(job, chosen);
  shift.parts = std::move(parts.by_maximisation);
  shift.parts_by_confusion = std::move(parts.by_confusion);
  shift.missing = lacking.classes;
  shift.missing_told = lacking.told;
  shift.far = far_photos(job, chosen);
  return shift;
}

std::vector<std::string> warnings_of(const Shift& shift, const std::vector<std::string>& classes) {
  std::vector<std::string> warnings;
  if (!shift.missing.empty()) {
    std::vector<std::string> names;
    for (const std::size_t k : shift.missing) names.push_back(printable(classes[k]));
    warnings.push_back(fmt::format("the target seems to lack {} of the source's {} classes: {}", names.size(), classes.size(), first_few(names, 6)));
  }
  if (!shift.missing_told)
    warnings.push_back("whether the target lacks classes of the source cannot be told: too many of its photos are strange to the source's own head");
  if (many_are_far(shift.far, shift.photos))
    warnings.push_back(
        fmt::format("{} of the target's {} photos are farther from every class than {:.0f} % of the source's own held-out photos: it may show other "
                    "things, or differ by more than the method mends",
                    shift.far, shift.photos, 100 * kHeldOut));
  return warnings;
}

}  // namespace graft::fit
