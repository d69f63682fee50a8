#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "graft/artifact/known_photos.h"
#include "graft/artifact/trained_on.h"
#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/cli/inference_options.h"
#include "graft/cli/photo_answers.h"
#include "graft/data/scan.h"
#include "graft/study/outcome.h"
#include "graft/trust/decide.h"
#include "graft/trust/drift.h"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

const CommandText kDriftText{"graft drift",
                             "Test whether new photos, without labels, are still like those of a run: by a classifier that tries to tell them apart, "
                             "by how many of them are unknown to the model, and by its answers. Also estimate the model's accuracy on them.",
                             {"graft drift runs/cells photos/this-week/", "graft drift runs/cells photos/ --json --fail-on drift || mail-somebody"}};

constexpr double kDrift = 0.01;  // p value, and the chance of as many unknown photos, from which on photos have drifted
constexpr int kDriftedExit = 3;

struct DriftOptions {
  fs::path run;
  std::vector<fs::path> photos;
  std::string fail_on = "none";
  uint64_t seed = 0;
  InferenceOptions inference;
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("run", run, "run folder");
    v.positional("photos", photos, "new photos: image files and folders; - reads a list of them from standard input");
    v("fail-on", fail_on, "drift: exit with 3 if the photos have drifted, for scripts", one_of({"none", "drift"}));
    v("seed", seed, "seed of the photos that are compared, of the permutations and of the bootstrap");
    inference.fields(v);
    output.fields(v);
  }
};

/// What is reported.
struct Drift {
  std::size_t photos = 0, trained_on = 0;  // looked at; left out, as they are training photos
  std::string before;                      // what they are compared with
  trust::TwoSample test;
  std::optional<std::size_t> unknown;  // of the photos; nothing where the model has no rule
  double reject = 0;
  std::vector<std::string> classes;
  std::vector<double> shares_before, shares_now;
  std::optional<trust::EstimatedAccuracy> accuracy;

  bool more_unknown() const { return unknown && eval::wilson(static_cast<long>(*unknown), static_cast<long>(photos), 2.5758).low > reject; }
  bool drifted() const { return test.p <= kDrift || more_unknown(); }
  bool compared() const { return test.each >= trust::kFewestToCompare; }
};

std::vector<float> unit_rows(std::span<const float> values, std::size_t row, std::size_t width) {
  std::vector<std::size_t> all(values.size() / row);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return trust::unit_rows({values, all.size(), row}, all, width);
}

/// Rows that the training has not pulled apart: of validation, and where the network was only read, of training, too. Of a calibrated model those of the photos
/// that it was calibrated on.
std::vector<float> rows_before(const fs::path& run, const artifact::ModelCard& card, std::size_t row, Drift& drift) {
  const auto validation = artifact::KnownPhotos::beside(run, artifact::kValidationIndex);
  const auto training = artifact::KnownPhotos::beside(run, artifact::kTrainingIndex);
  if (!validation || !training)
    throw data_error(printable(run.string()), fmt::format("no {} and {} in it", artifact::kTrainingIndex, artifact::kValidationIndex),
                     "give a run folder of this version of graft: train again with `graft fit`");
  const auto& made = card.provenance;
  const bool calibrated = made.is_object() && made.contains("calibrated_on");
  const bool frozen = !calibrated && made.is_object() && made.value("strategy", "") == "head";
  if (calibrated) drift.before = "the photos that it was calibrated on";
  else if (frozen) drift.before = "training and validation photos";
  else drift.before = "validation photos, because the network was trained on the others";
  std::vector<float> rows;
  for (const auto* known : {&*validation, &*training}) {
    const search::Table& table = known->index().table;
    if (table.width != row)
      throw data_error(known->index().name, fmt::format("rows of {} features, and the model's last layer reads {}", table.width, row),
                       "the files of the run do not belong together: train again");
    rows.insert(rows.end(), table.values.begin(), table.values.end());
    if (!frozen) break;
  }
  return rows;
}

std::vector<double> shares(std::span<const float> probabilities, std::size_t classes, const data::Task& task) {
  std::vector<double> out(classes);
  const auto photos = static_cast<double>(probabilities.size() / classes);
  for (std::size_t i = 0; i < probabilities.size(); i += classes) {
    const std::span<const float> row = probabilities.subspan(i, classes);
    if (data::one_class_each(task)) out[static_cast<std::size_t>(std::ranges::max_element(row) - row.begin())] += 1 / photos;
    else
      for (std::size_t k = 0; k < classes; ++k) out[k] += row[k] >= eval::kThreshold ? 1 / photos : 0;
  }
  return out;
}

void estimate(const study::Outcome& before, std::span<const float> probabilities, const DriftOptions& o, Drift& drift) {
  const std::size_t classes = drift.classes.size();
  const auto most = [&](std::span<const float> rows) {
    std::vector<float> out;
    for (std::size_t i = 0; i < rows.size(); i += classes) out.push_back(*std::ranges::max_element(rows.subspan(i, classes)));
    return out;
  };
  std::vector<char> right(before.right.begin(), before.right.end());
  drift.accuracy = trust::estimate_accuracy(most(before.probabilities), right, most(probabilities), o.seed);
}

/// Rows of the photos that were not trained on.
std::vector<float> kept(const std::vector<float>& rows, const std::vector<bool>& keep) {
  const std::size_t width = rows.size() / keep.size();
  std::vector<float> out;
  for (std::size_t i = 0; i < keep.size(); ++i)
    if (keep[i])
      out.insert(out.end(), rows.begin() + static_cast<std::ptrdiff_t>(i * width), rows.begin() + static_cast<std::ptrdiff_t>((i + 1) * width));
  return out;
}

Drift measure(const DriftOptions& o, const std::vector<fs::path>& photos) {
  artifact::SessionOptions options = o.inference.for_images(photos.size());
  options.features = true;
  const auto session = artifact::open_session(o.run, options);
  const artifact::ModelCard& card = session->card();
  const study::Outcome before = study::read_outcome(o.run);
  Drift drift{.classes = card.labels};
  Progress progress("drift", photos.size(), progress_style(o.output), "photos");
  artifact::Predictions said = session->predict(
      photos, o.inference.threads, [&](std::size_t n) { progress.advance(n); }, o.inference.tta);
  progress.finish();
  if (!said.unreadable.empty())
    throw data_error(printable(o.photos.front().string()), data::unreadable_error(o.photos.front(), photos.size(), said.unreadable).fact(),
                     "repair or remove them");
  const auto trained_on = artifact::read_trained_on(o.run);
  std::vector<bool> keep;
  for (const Hash128& hash : said.hashes) keep.push_back(!trained_on || !std::ranges::binary_search(*trained_on, hash));
  drift.trained_on = static_cast<std::size_t>(std::ranges::count(keep, false));
  drift.photos = photos.size() - drift.trained_on;
  if (drift.photos == 0)
    throw data_error(printable(o.photos.front().string()),
                     fmt::format("all {} photos are training photos of the run, expected new ones", photos.size()), "give photos that came in later");
  const std::vector<float> logits = kept(said.logits, keep), probabilities = kept(said.probabilities, keep), features = kept(said.features, keep);
  const std::size_t row = session->feature_width(), classes = card.labels.size();
  const std::size_t width = card.trust.unknown && card.trust.unknown->gauge.width() > 0 ? card.trust.unknown->gauge.width() : row;
  ThreadPool pool(o.inference.threads);
  const std::vector<float> known = rows_before(o.run, card, row, drift);
  drift.test = trust::two_sample_test(unit_rows(known, row, width), unit_rows(features, row, width), width, o.seed, pool);
  if (card.trust.unknown) {
    const auto decisions = trust::decide_all(card.trust, card.task, classes, logits, probabilities, features);
    drift.unknown = static_cast<std::size_t>(std::ranges::count_if(decisions, [](const trust::Decision& d) { return d.stranger->unknown; }));
    drift.reject = card.trust.unknown->reject;
  }
  drift.shares_now = shares(probabilities, classes, card.task);
  if (before.probabilities.size() != before.paths.size() * classes) return drift;  // of an earlier graft
  drift.shares_before = shares(before.probabilities, classes, card.task);
  if (data::one_class_each(card.task)) estimate(before, probabilities, o, drift);
  return drift;
}

/// What the numbers cannot bear; empty where nothing speaks against them.
std::string warning_of(const Drift& d) {
  if (!d.drifted()) return "";
  std::string text = "the photos are no longer like those that the model was made with";
  if (d.accuracy) text += ": the estimate of its accuracy can be wrong by much, in either direction";
  return text + ". Label some of them and measure with `graft eval`";
}

nlohmann::ordered_json to_json(const Drift& d) {
  nlohmann::ordered_json json{{"photos", d.photos}, {"training_photos_left_out", d.trained_on}, {"compared_with", d.before}};
  json["two_sample"] = nlohmann::ordered_json();
  if (d.compared())
    json["two_sample"] = {{"accuracy", d.test.accuracy},
                          {"p", d.test.p},
                          {"permutations", trust::kPermutations},
                          {"each", d.test.each},
                          {"near_copies_left_out", d.test.near_copies}};
  if (d.unknown)
    json["unknown"] = {{"count", *d.unknown}, {"share", static_cast<double>(*d.unknown) / static_cast<double>(d.photos)}, {"expected", d.reject}};
  for (std::size_t k = 0; k < d.classes.size(); ++k)
    json["predicted"][d.classes[k]] = {{"before", d.shares_before.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(d.shares_before[k])},
                                       {"now", d.shares_now[k]}};
  if (d.accuracy)
    json["estimated_accuracy"] = {{"estimate", d.accuracy->accuracy},
                                  {"interval", {d.accuracy->interval.low, d.accuracy->interval.high}},
                                  {"threshold", d.accuracy->threshold},
                                  {"validation", d.accuracy->before}};
  json["drift"] = d.drifted();
  json["warning"] = warning_of(d).empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(warning_of(d));
  return json;
}

std::string to_text(const Drift& d) {
  std::string text = fmt::format("{} new photo{}, compared with {}\n", d.photos, d.photos == 1 ? "" : "s", d.before);
  if (d.trained_on > 0) text += fmt::format("{} more are training photos of the run and are left out\n", d.trained_on);
  if (d.compared()) {
    text += fmt::format("\ntold apart   {:.1f} % right (50 %: alike), p = {:.3f}; {} photos of each", 100 * d.test.accuracy, d.test.p, d.test.each);
    text += d.test.near_copies > 0 ? fmt::format(", {} near copies left out\n", d.test.near_copies) : "\n";
  } else {
    text += fmt::format("\ntold apart   not tried: {} different photos of each, expected at least {}\n", d.test.each, trust::kFewestToCompare);
  }
  if (d.unknown) {
    const eval::Interval i = eval::wilson(static_cast<long>(*d.unknown), static_cast<long>(d.photos));
    text += fmt::format("unknown      {:.1f} % (95 % interval {:.1f} to {:.1f} %), {:.4g} % expected\n",
                        100 * static_cast<double>(*d.unknown) / static_cast<double>(d.photos), 100 * i.low, 100 * i.high, 100 * d.reject);
  }
  if (d.accuracy)
    text += fmt::format("accuracy     {:.1f} % by estimate (95 % interval {:.1f} to {:.1f} %); {:.1f} % on the validation photos\n",
                        100 * d.accuracy->accuracy, 100 * d.accuracy->interval.low, 100 * d.accuracy->interval.high, 100 * d.accuracy->before);
  else text += "accuracy     no estimate: it is for photos of one class each, and a run with the probabilities of its validation photos\n";
  std::size_t longest = 9;
  for (const std::string& name : d.classes) longest = std::max(longest, name.size());
  text += fmt::format("\n{:<{}}  before     now\n", "predicted", longest);
  for (std::size_t k = 0; k < d.classes.size(); ++k)
    text += fmt::format("{:<{}}  {}  {:4.1f} %\n", d.classes[k], longest,
                        d.shares_before.empty() ? "     -" : fmt::format("{:4.1f} %", 100 * d.shares_before[k]), 100 * d.shares_now[k]);
  const std::string warning = warning_of(d);
  return text + (warning.empty() ? d.compared() ? "\nno drift was found\n" : "" : "\nwarning: " + warning + "\n");
}

}  // namespace

CommandReference drift_reference() { return reference_of<DriftOptions>(kDriftText); }

int drift_command(std::span<const std::string> words) {
  const auto config = read_config<DriftOptions>(kDriftText, words);
  if (!config) return 0;
  const DriftOptions& o = config->values;
  std::error_code code;
  if (!fs::is_directory(o.run, code) && fs::exists(o.run, code))
    throw data_error(printable(o.run.string()), "not a run folder", "drift also needs the run's validation photos: give the folder of the model");
  const data::ImageList listed = data::list_images(o.photos, std::cin);
  const Drift drift = measure(o, listed.paths);
  print(o.output.json ? to_json(drift).dump(2) + "\n" : to_text(drift));
  tell_left_out(listed, o.output);
  return o.fail_on == "drift" && drift.drifted() ? kDriftedExit : 0;
}

}  // namespace graft::cli
