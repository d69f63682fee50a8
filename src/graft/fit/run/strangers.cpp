#include "graft/fit/run/strangers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "graft/artifact/known_photos.h"
#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/fit/job/imbalance.h"
#include "graft/head/problem.h"
#include "graft/trust/leave_class_out.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

std::vector<data::Sample> samples_at(const std::vector<data::Sample>& samples, std::span<const std::size_t> which) {
  std::vector<data::Sample> out;
  for (const std::size_t i : which) out.push_back(samples[i]);
  return out;
}

/// As many as an index takes, the classes as equal as they can be; photos of several classes at random.
std::vector<std::size_t> some(std::span<const data::Sample> samples, uint64_t seed) {
  std::vector<int> labels;
  for (const data::Sample& sample : samples) labels.push_back(std::max(sample.label, 0));
  return trust::balanced(labels, artifact::kMostKnownPhotos, seed);
}

std::vector<float> floats_at(std::span<const float> values, std::span<const std::size_t> which, std::size_t width) {
  std::vector<float> out;
  for (const std::size_t i : which) {
    const auto row = values.subspan(i * width, width);
    out.insert(out.end(), row.begin(), row.end());
  }
  return out;
}

/// Of rows of all photos.
LastLayer some_of(const Job& job, const Photos& photos, const Rows& train_rows, const Rows& val_rows, std::size_t last_width,
                  const Outcome& outcome) {
  const uint64_t seed = job.config.values.seed;
  const std::vector<std::size_t> train = some(photos.train, seed), val = some(photos.val, seed);
  return {fit::rows_at(train_rows, train),
          fit::rows_at(val_rows, val),
          samples_at(photos.train, train),
          samples_at(photos.val, val),
          floats_at(outcome.val_logits, val, outcome.val_logits.size() / photos.val.size()),
          last_width};
}

/// The trained network asked once more.
LastLayer of_network(const Job& job, const Photos& photos, const Outcome& outcome) {
  const FitConfig& c = job.config.values;
  const TrainedNetwork network(job, outcome, true);
  LastLayer seen{.train_photos = samples_at(photos.train, some(photos.train, c.seed)),
                 .val_photos = samples_at(photos.val, some(photos.val, c.seed))};
  seen.train = network.ask(seen.train_photos, c.data, "features").rows;
  Answered val = network.ask(seen.val_photos, c.data, "features");
  seen.val = std::move(val.rows);
  seen.val_logits = std::move(val.logits);
  seen.last_width = seen.train.width;
  return seen;
}

/// Of --reject; nothing for auto. 0 for none.
std::optional<double> asked_part(const FitConfig& config) {
  if (!config.reject) return std::nullopt;
  if (*config.reject == "none") return 0;
  const std::optional<double> part = number_in<double>(*config.reject);
  if (!part || !(*part > 0 && *part < 1))
    throw usage_error("--reject " + printable(*config.reject), "expected a fraction of the photos above 0 and below 1, or none",
                      "0.05 lets one photo in twenty of the known classes be called unknown; with none, no photo is");
  return part;
}

head::Problem problem_of(const Job& job, const Rows& rows) {
  return {.features = rows.features(), .classes = job.classes(), .task = rows.task, .labels = rows.labels, .targets = rows.targets};
}

nlohmann::ordered_json to_json(const trust::ChosenScore& chosen, const trust::Unknown& unknown) {
  nlohmann::ordered_json tried = nlohmann::ordered_json::object();
  for (const trust::TriedScore& one : chosen.tried) tried[std::string(trust::to_string(one.score))] = one.auroc;
  return {{"score", trust::to_string(unknown.gauge.score)},
          {"reason", chosen.reason},
          {"left_out_auroc", tried},
          {"classes_left_out", chosen.classes},
          {"reject", unknown.reject},
          {"on", trust::to_string(unknown.on)},
          {"photos", unknown.photos}};
}

}  // namespace

LastLayer last_layer(const Job& job, const Photos& photos, const Probe* head, const std::optional<LastLayerRows>& rows, const Outcome& outcome) {
  if (head != nullptr) return some_of(job, photos, head->train, head->val, head->last_width, outcome);
  if (rows) return some_of(job, photos, rows->train, rows->val, rows->train.width, outcome);
  return of_network(job, photos, outcome);
}

void check_reject(const FitConfig& config) { asked_part(config); }

void find_strangers(Job& job, const LastLayer& seen, FoundRules& found) {
  const FitConfig& c = job.config.values;
  const std::optional<double> asked = asked_part(c);
  if (asked == 0.0) return;
  const std::size_t photos = seen.val.labels.size();
  if (asked && photos < trust::enough_to_reject(*asked))
    throw data_error("--reject " + printable(*c.reject),
                     fmt::format("needs at least {} validation photos for its threshold, but there are {}", trust::enough_to_reject(*asked), photos),
                     "give more validation photos, a larger --reject, or --reject none");
  const std::optional<double> reject = asked ? asked : trust::usual_reject(photos);
  if (!reject) {
    found.history["unknown"] = {{"reason", fmt::format("{} validation photos, expected at least {}", photos, trust::enough_to_reject(0.05))}};
    return;
  }
  const head::Problem problem = problem_of(job, seen.train);
  const trust::ChosenScore chosen = trust::choose_score(problem, seen.last_width, c.l2.value_or(head::kDefaultL2), c.seed, job.pool);
  trust::Gauge gauge = trust::make_gauge(chosen.score, problem, seen.last_width, c.seed, job.pool);
  trust::Unknown rule = trust::find_threshold(std::move(gauge), seen.val_logits, seen.val.values, photos, *reject, trust::Basis::validation);
  if (!chosen.tried.empty()) rule.left_out_auroc = std::ranges::find(chosen.tried, chosen.score, &trust::TriedScore::score)->auroc;
  job.note(fmt::format("a photo stranger than {:.4g} % of {} validation photos is called unknown, by the {} ({}); --reject none: never",
                       100 * (1 - *reject), photos, trust::in_words(chosen.score), chosen.reason));
  found.history["unknown"] = to_json(chosen, rule);
  found.rules.unknown = std::move(rule);
}

void write_known_photos(const fs::path& folder, const fs::path& run, const LastLayer& seen, const artifact::ModelCard& card) {
  const artifact::KnownPhotosOf of{folder, run, card};
  artifact::write_known_photos(of, artifact::kTrainingIndex, data::paths_of(seen.train_photos), seen.train.values, seen.train.width);
  artifact::write_known_photos(of, artifact::kValidationIndex, data::paths_of(seen.val_photos), seen.val.values, seen.val.width);
}

}  // namespace graft::fit
