#include "graft/fit/more/unlabeled_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "graft/base/error.h"
#include "graft/base/rng.h"
#include "graft/base/text.h"
#include "graft/eval/scores.h"
#include "graft/fit/head/solve.h"
#include "graft/fit/job/imbalance.h"
#include "graft/fit/more/trial.h"
#include "graft/head/l2_path.h"
#include "graft/head/problem.h"
#include "graft/head/propagation.h"

namespace graft::fit {
namespace {

constexpr std::size_t kMostPhotos = 10000;  // all pairs of them are compared
constexpr uint64_t kSome = 0x756e6c6162656c;

enum class From { nothing, own_answers, neighbors };
constexpr From kWays[] = {From::nothing, From::own_answers, From::neighbors};

std::string name_of(From from) { return from == From::nothing ? "none" : from == From::own_answers ? "own answers" : "neighbors"; }

/// Labels of the unlabeled rows, -1 where there is none, and how much each counts beside others of its class.
struct Given {
  std::vector<int> labels;
  std::vector<double> weights;
};

/// The labeled rows, of which some may be held out, and the others.
class Semi {
 public:
  Semi(Job& job, const Rows& labeled, const Rows& unlabeled) : job_(job), labeled_(labeled), unlabeled_(unlabeled) {
    std::vector<float> all = labeled.values;
    all.insert(all.end(), unlabeled.values.begin(), unlabeled.values.end());
    graph_ = head::neighbor_graph({all, labeled.labels.size() + unlabeled.labels.size(), labeled.width}, job.pool);
  }

  /// Without what the labels of the rows held out say.
  head::LinearHead solve(From from, const std::vector<bool>& held_out) const {
    const Rows rows = kept(held_out);
    if (from == From::nothing) return fit::solve(job_, rows);
    return with(rows, given(from, held_out));
  }

  Given given(From from, const std::vector<bool>& held_out) const {
    if (from == From::own_answers) {
      const head::LinearHead plain = fit::solve(job_, kept(held_out));
      const std::vector<float> logits = logits_of(plain, unlabeled_);
      Given found{{}, std::vector<double>(unlabeled_.labels.size(), 1.0)};
      for (auto row = logits.begin(); row != logits.end(); row += job_.classes())
        found.labels.push_back(static_cast<int>(std::max_element(row, row + job_.classes()) - row));
      return found;
    }
    std::vector<int> labels = labeled_.labels;
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (held_out[i]) labels[i] = -1;
    labels.resize(graph_.rows(), -1);
    const head::PseudoLabels spread = head::propagate(graph_, labels, job_.classes());
    const auto first = static_cast<std::ptrdiff_t>(labeled_.labels.size());
    return {{spread.labels.begin() + first, spread.labels.end()}, {spread.certainty.begin() + first, spread.certainty.end()}};
  }

 private:
  Rows kept(const std::vector<bool>& held_out) const {
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < held_out.size(); ++i)
      if (!held_out[i]) which.push_back(i);
    return rows_at(labeled_, which);
  }

  head::LinearHead with(Rows rows, const Given& given) const {
    const FitConfig& c = job_.config.values;
    std::vector<double> weights = weights_of(c, rows, job_.classes());
    const double all = std::accumulate(weights.begin(), weights.end(), 0.0);
    double of_given = 0;
    for (std::size_t i = 0; i < given.labels.size(); ++i) of_given += given.labels[i] >= 0 ? given.weights[i] : 0;
    for (std::size_t i = 0; i < given.labels.size(); ++i) {
      if (given.labels[i] < 0 || given.weights[i] == 0) continue;
      rows.labels.push_back(given.labels[i]);
      weights.push_back(given.weights[i] * all / of_given);
      const auto row = unlabeled_.values.begin() + static_cast<std::ptrdiff_t>(i * unlabeled_.width);
      rows.values.insert(rows.values.end(), row, row + static_cast<std::ptrdiff_t>(unlabeled_.width));
    }
    return head::solve({.features = rows.features(), .classes = job_.classes(), .task = rows.task, .labels = rows.labels, .weights = weights},
                       c.l2.value(), job_.pool);
  }

  Job& job_;
  const Rows &labeled_, &unlabeled_;
  head::NeighborGraph graph_;
};

/// (labeled rows, classes): what each way answers to the rows while they are held out.
std::vector<float> held_out_logits(Job& job, const Semi& semi, const Rows& labeled, const head::Folds& folds, From from,
                                   const std::function<void(std::size_t)>& advance) {
  const auto classes = static_cast<std::size_t>(job.classes());
  std::vector<float> logits(labeled.labels.size() * classes);
  for (int fold = 0; fold < folds.count; ++fold) {
    check_interrupted();
    std::vector<bool> held_out;
    for (const int of : folds.of) held_out.push_back(of == fold);
    const head::LinearHead head = semi.solve(from, held_out);
    for (std::size_t i = 0; i < held_out.size(); ++i) {
      if (!held_out[i]) continue;
      const std::vector<float> row = logits_of(head, rows_at(labeled, std::array<std::size_t, 1>{i}));
      std::ranges::copy(row, logits.begin() + static_cast<std::ptrdiff_t>(i * classes));
    }
    if (advance) advance(1);
  }
  return logits;
}

/// In the form of the head's own cross-validation.
head::L2Choice as_choice(const Rows& labeled, const head::Folds& folds, double l2, std::vector<float> logits) {
  head::L2Choice choice{.l2 = l2, .path = {}, .folds = folds.count};
  const std::size_t classes = logits.size() / labeled.labels.size();
  for (std::size_t i = 0; i < labeled.labels.size(); ++i)
    choice.held_out.push_back(folds.of[i] < 0 ? std::numeric_limits<double>::quiet_NaN()
                                              : eval::score_photo(labeled.truth(), i, std::span(logits).subspan(i * classes, classes)).log_loss);
  choice.held_out_logits = std::move(logits);
  return choice;
}

/// Fills in how good each way is, and gives what each answers to all labeled rows while held out.
std::vector<std::vector<float>> judge_ways(Job& job, const Semi& semi, const Rows& labeled, const head::Folds& folds, FromUnlabeled& found) {
  const auto classes = static_cast<std::size_t>(job.classes());
  std::vector<int> labels;
  for (std::size_t i = 0; i < folds.of.size(); ++i)
    if (folds.of[i] >= 0) labels.push_back(labeled.labels[i]);
  found.judges = "held-out training photos";
  found.judged_on = labels.size();
  const auto advance = job.begin("unlabeled photos", static_cast<std::size_t>(folds.count) * std::size(kWays));
  std::vector<std::vector<float>> all, tempered;
  for (const From from : kWays) {
    all.push_back(held_out_logits(job, semi, labeled, folds, from, advance));
    std::vector<float> judged;
    for (std::size_t i = 0; i < folds.of.size(); ++i)
      if (folds.of[i] >= 0)
        judged.insert(judged.end(), all.back().begin() + static_cast<std::ptrdiff_t>(i * classes),
                      all.back().begin() + static_cast<std::ptrdiff_t>((i + 1) * classes));
    tempered.push_back(at_best_temperature(judged, labels));
    const Trial trial = compare(tempered.back(), tempered.front(), {.task = labeled.task, .rows = labels.size(), .labels = labels});
    found.ways.push_back({.name = name_of(from), .accuracy = trial.accuracy, .gain = trial.gain, .gain_error = trial.gain_error});
  }
  return all;
}

/// Some of the photos, if there are more than can be compared with each other.
void take_some(Job& job) {
  if (job.unlabeled.size() <= kMostPhotos) return;
  job.note(fmt::format("{} of the {} photos without labels are used, drawn at random", with_commas(static_cast<long long>(kMostPhotos)),
                       with_commas(static_cast<long long>(job.unlabeled.size()))));
  Rng(job.config.values.seed, kSome).shuffle(std::span(job.unlabeled));
  job.unlabeled.resize(kMostPhotos);
}

double sure_part(const head::LinearHead& head, const Rows& rows) {
  std::vector<float> probabilities = logits_of(head, rows);
  eval::to_probabilities(rows.task, probabilities, head.classes);
  std::size_t sure = 0;
  for (std::size_t i = 0; i < rows.labels.size(); ++i)
    sure += std::ranges::max(std::span(probabilities).subspan(i * head.classes, head.classes)) >= kSureAnswer ? 1 : 0;
  return static_cast<double>(sure) / static_cast<double>(rows.labels.size());
}

}  // namespace

FromUnlabeled learn_from_unlabeled(Job& job, const Photos& photos, const Start& start, Probe& probe) {
  const FitConfig& c = job.config.values;
  set_unlabeled_apart(job, start.hashes, photos.train.size());
  take_some(job);
  engine::FeatureExtractor extractor(job.pretrained.graph, job.preprocess, extract_options(c));
  const Rows unlabeled = features_of(job, extractor, probe.input, job.unlabeled, *c.unlabeled.folder, "photos without labels");
  extractor.release();
  check_enough_unlabeled(job);
  FromUnlabeled found{.photos = job.unlabeled.size(),
                      .in_training = job.unlabeled_in_training,
                      .classes = job.splits.classes,
                      .train_images = data::images_per_class(photos.train, job.splits.classes.size())};
  const Semi semi(job, probe.train, unlabeled);
  const head::Folds folds = head::deal(probe.train.labels, job.classes(), probe.train.weights, c.seed, probe.train.groups);
  std::vector<std::vector<float>> held_out;
  if (folds.count > 0) held_out = judge_ways(job, semi, probe.train, folds, found);
  else
    for (const From from : kWays) found.ways.push_back({.name = name_of(from)});
  const bool named = c.unlabeled.method == SemiMethod::pseudo_labels;
  if (named && folds.count == 0) found.warnings.emplace_back("too few labeled photos to see whether those without labels help");
  choose_way(found, named, 0);
  const std::vector<bool> all_known(probe.train.labels.size());
  for (std::size_t w = 1; w < std::size(kWays); ++w) {
    std::vector<std::size_t>& labels = found.ways[w].labels;
    labels.resize(found.classes.size());
    for (const int label : semi.given(kWays[w], all_known).labels)
      if (label >= 0) ++labels[static_cast<std::size_t>(label)];
  }
  if (found.chosen > 0) {
    probe.head = semi.solve(kWays[found.chosen], all_known);
    if (folds.count > 0) probe.held_out = as_choice(probe.train, folds, c.l2.value(), std::move(held_out[found.chosen]));
    std::vector<std::string> without;
    for (std::size_t k = 0; k < found.classes.size(); ++k)
      if (found.taken().labels[k] == 0) without.push_back(printable(found.classes[k]));
    if (!without.empty())
      found.warnings.push_back(fmt::format("no unlabeled photo was taken for one of {}: perhaps it does not occur among them", first_few(without)));
  }
  found.sure = sure_part(probe.head, unlabeled);
  return found;
}

}  // namespace graft::fit
