#include "graft/explain/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/rng.h"
#include "graft/engine/engine.h"
#include "graft/eval/scores.h"
#include "graft/explain/shuffled.h"

namespace graft::explain {
namespace {

constexpr uint64_t kDraw = 0x64726177;     // "draw"
constexpr uint64_t kShuffle = 0x73687566;  // "shuf": streams of their own

double mean_of(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size()); }

OverPhotos over_photos(std::span<const double> values, const CheckOptions& options) {
  std::vector<double> means;
  for (int sample = 0; sample < options.resamples; ++sample) {
    Rng rng(options.seed ^ kDraw, static_cast<uint64_t>(sample));
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += values[static_cast<std::size_t>(rng.below(values.size()))];
    means.push_back(sum / static_cast<double>(values.size()));
  }
  const double mean = mean_of(values);
  return {mean, eval::bootstrap_interval(means, mean).value_or(eval::Interval{mean, mean})};
}

std::vector<double> less(std::span<const double> a, std::span<const double> b) {
  std::vector<double> out;
  for (std::size_t i = 0; i < a.size(); ++i) out.push_back(a[i] - b[i]);
  return out;
}

}  // namespace

void refuse_few(std::size_t photos) {
  if (photos < kFewestChecked)
    throw data_error("--check", fmt::format("{} photo{}, expected at least {}", photos, photos == 1 ? "" : "s", kFewestChecked),
                     "a mean over fewer photos says little about the maps of others");
}

struct MapChecker::Asked {
  Asked(const Network& network, const ExplainOptions& how, const CheckOptions& check)
      : options(check),
        card(network.card),
        model(network.onnx, network.name, card.preprocess,
              {.precision = artifact::precision_of(network.card, how.precision), .threads = how.threads, .batch = how.batch}),
        explainer(open_explainer(network, how)),
        why_not(network.graph ? "" : no_graph(network)) {
    if (!network.graph) return;
    ExplainOptions same = how;
    same.method = explainer->method();
    for (const Forgetting& f : forgettings(*network.graph))
      forgetful.push_back({f.what, open_explainer(shuffled(network, f.first_node, options.seed ^ kShuffle), same), {}});
  }

  struct Forgetful {
    std::string what;
    std::unique_ptr<Explainer> explainer;
    std::vector<double> correlations;
  };

  /// (n, classes).
  std::vector<float> probabilities(std::span<const uint8_t> rows, std::size_t n) {
    std::vector<float> answers(n * card.labels.size());
    model.run(rows, n, answers);
    eval::to_probabilities(card.task, answers, card.labels.size());
    return answers;
  }

  void compare_areas(std::span<const uint8_t> row, const HeatMap& map, std::size_t label) {
    const Ask ask = [&](std::span<const uint8_t> rows, std::size_t n) {
      const std::vector<float> answers = probabilities(rows, n);
      std::vector<double> of_label;
      for (std::size_t i = 0; i < n; ++i) of_label.push_back(double{answers[i * card.labels.size() + label]});
      return of_label;
    };
    const uint64_t photo = insertion.size();
    const std::vector<HeatMap> maps{map, centre_map(card.preprocess.crop), random_map(options.seed, photo)};
    const std::vector<PixelAreas> areas = pixel_areas(card.preprocess, row, maps, options.steps, options.seed, photo, ask);
    insertion.push_back(areas[0].insertion);
    deletion.push_back(areas[0].deletion);
    for (std::size_t m = 0; m < 3; ++m) differences[m].push_back(areas[m].difference());
  }

  const CheckOptions options;
  const artifact::ModelCard card;
  engine::Engine model;  // as it is deployed
  const std::unique_ptr<Explainer> explainer;
  const std::string why_not;
  std::vector<Forgetful> forgetful;
  std::vector<double> insertion, deletion;         // of each photo, by its map
  std::array<std::vector<double>, 3> differences;  // by its map, the centre, noise
};

MapChecker::MapChecker(const Network& network, const ExplainOptions& explain, const CheckOptions& options)
    : asked_(std::make_unique<Asked>(network, explain, options)) {}

MapChecker::~MapChecker() = default;

const artifact::ModelCard& MapChecker::card() const { return asked_->card; }

void MapChecker::add(std::span<const uint8_t> rows, std::size_t n) {
  const std::size_t bytes = asked_->card.preprocess.row_bytes(), classes = asked_->card.labels.size();
  const std::vector<float> answers = asked_->probabilities(rows, n);
  std::vector<std::size_t> labels;
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = std::span(answers).subspan(i * classes, classes);
    labels.push_back(static_cast<std::size_t>(std::ranges::max_element(row) - row.begin()));
  }
  const auto maps_by = [&](Explainer& explainer) {
    std::size_t photo = 0;  // it asks about them in their order
    return explainer.explain(rows, n, [&](std::span<const float>) { return std::vector<std::size_t>{labels[photo++]}; }).maps;
  };
  const auto maps = maps_by(*asked_->explainer);
  for (std::size_t i = 0; i < n; ++i) {
    check_interrupted();
    asked_->compare_areas(rows.subspan(i * bytes, bytes), maps[i][0].map, labels[i]);
  }
  for (Asked::Forgetful& f : asked_->forgetful) {
    const auto forgotten = maps_by(*f.explainer);
    for (std::size_t i = 0; i < n; ++i) f.correlations.push_back(rank_correlation(maps[i][0].map.values, forgotten[i][0].map.values));
  }
}

MapCheck MapChecker::finish() const {
  const Asked& asked = *asked_;
  const std::size_t photos = asked.insertion.size();
  refuse_few(photos);
  const auto over = [&](std::span<const double> values) { return over_photos(values, asked.options); };
  const auto& [maps, centre, random] = asked.differences;
  MapCheck check{.method = asked.explainer->method(),
                 .photos = photos,
                 .options = asked.options,
                 .insertion = over(asked.insertion),
                 .deletion = over(asked.deletion),
                 .maps = over(maps),
                 .centre = over(centre),
                 .random = over(random),
                 .over_centre = over(less(maps, centre)),
                 .over_random = over(less(maps, random)),
                 .why_not_forgotten = asked.why_not};
  for (const Asked::Forgetful& f : asked.forgetful) check.forgotten.push_back({f.what, over(f.correlations)});
  return check;
}

std::vector<std::string> verdict_of(const MapCheck& check) {
  const auto with_interval = [](const OverPhotos& x) { return fmt::format("{:.3f} ({:.3f} to {:.3f})", x.mean, x.interval.low, x.interval.high); };
  const std::string measured = fmt::format("insertion minus deletion is {} against {}", with_interval(check.maps), with_interval(check.centre));
  const auto compared = [](const OverPhotos& more, const std::string& what) {
    if (MapCheck::is_more(more)) return "These maps say more than " + what;
    return (more.interval.high < 0 ? "These maps say less than " : "These maps are not shown to say more than ") + what;
  };
  std::vector<std::string> sentences{fmt::format("{}: {}.", compared(check.over_centre, "the center of the picture"), measured)};
  if (!check.more_than_random())
    sentences.push_back(fmt::format("{}, which has {}.", compared(check.over_random, "smooth noise"), with_interval(check.random)));
  if (!check.learned())
    sentences.push_back(
        fmt::format("They stay the same when all weights are shuffled (rank correlation {}): they show the picture, and not what the "
                    "model has learned.",
                    with_interval(check.forgotten.back().correlation)));
  else if (!check.forgotten.empty())
    sentences.push_back(fmt::format("They depend on what the model has learned: shuffled weights leave a rank correlation of {}.",
                                    with_interval(check.forgotten.back().correlation)));
  if (!check.reliable()) sentences.emplace_back("Do not rely on them.");
  return sentences;
}

}  // namespace graft::explain
