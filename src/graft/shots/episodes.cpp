#include "graft/shots/episodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "graft/base/error.h"
#include "graft/base/quotes.h"
#include "graft/base/text.h"
#include "graft/data/look.h"
#include "graft/head/closed/transport.h"

namespace graft::shots {
namespace {

/// Rows of the table as a Support of the drawn classes, 0 to ways - 1 in the order that they were drawn.
Support rows_of(const Seen& seen, std::span<const std::size_t> photos, int ways) {
  Support some{.classes = std::vector<std::string>(static_cast<std::size_t>(ways)), .labels = {}, .values = {}, .width = seen.width};
  const std::size_t each = photos.size() / static_cast<std::size_t>(ways);
  for (std::size_t i = 0; i < photos.size(); ++i) {
    some.labels.push_back(static_cast<int>(i / each));
    const auto row = std::span(seen.values).subspan(photos[i] * seen.width, seen.width);
    some.values.insert(some.values.end(), row.begin(), row.end());
  }
  return some;
}

/// The part of (labels, classes) scores whose largest is the label's.
template <class T>
double part_right(std::span<const T> scores, std::span<const int> labels, std::size_t classes) {
  std::size_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = scores.subspan(i * classes, classes);
    if (std::ranges::max_element(row) - row.begin() == labels[i]) ++right;
  }
  return static_cast<double>(right) / static_cast<double>(labels.size());
}

double accuracy_on(const head::LinearHead& layer, const head::Features& queries, std::span<const int> labels) {
  std::vector<float> logits(labels.size() * layer.classes);
  head::logits(layer, queries, logits);
  return part_right(std::span<const float>(logits), labels, layer.classes);
}

/// The photos of each class that has enough of them for all numbers of shots.
std::vector<std::vector<std::size_t>> classes_to_draw(const EpisodesConfig& c, const data::Dataset& all, const Seen& seen, int most_shots,
                                                      const Listener& listener) {
  const std::string name = printable(c.data.string());
  const auto fewest = static_cast<std::size_t>(most_shots + c.queries);
  std::vector<std::vector<std::size_t>> of_class(all.classes.size());
  for (std::size_t i = 0; i < seen.photos.size(); ++i) of_class[static_cast<std::size_t>(all.samples[seen.photos[i]].label)].push_back(i);
  if (all.classes.size() < static_cast<std::size_t>(c.ways))
    throw data_error(name, fmt::format("{} classes, expected at least {}: one for each of --ways", all.classes.size(), c.ways),
                     all.classes.size() < 2 ? "" : fmt::format("choose --ways {}", all.classes.size()));
  std::vector<std::string> few;
  for (std::size_t k = 0; k < of_class.size(); ++k)
    if (of_class[k].size() < fewest) few.push_back(fmt::format("{} ({})", all.classes[k], of_class[k].size()));
  const std::string fact =
      fmt::format("classes with fewer than {} photos ({} shots and {} queries): {}", fewest, most_shots, c.queries, first_few(few));
  std::erase_if(of_class, [&](const auto& photos) { return photos.size() < fewest; });
  if (of_class.size() < static_cast<std::size_t>(c.ways))
    throw data_error(name, fmt::format("{}; {} classes have enough, expected at least {}", fact, of_class.size(), c.ways),
                     "choose fewer --queries or --shots");
  if (!few.empty() && listener.note) listener.note(fact + "; left out");
  return of_class;
}

}  // namespace

void EpisodesConfig::fields(FieldList& v) {
  v.positional("data", data, "folder of class folders, or a CSV or TSV of path,label; all its parts are used together");
  v("ways", ways, "number of classes in an episode", between(2, 1000));
  v("shots", shots, "number of labeled photos per class; several numbers, separated by commas, make several benchmarks", Placeholder{"N,N"});
  v("queries", queries, "number of photos of each class to classify", between(1, 1000));
  v("episodes", episodes, "number of tasks to draw", between(2, 1'000'000));
  v("seed", seed, "seed of the episodes that are drawn");
  v("center", centre, kCentreHelp, kCentreNames);
  v("transductive", transductive,
    "also classify the queries of an episode together, by optimal transport, which assumes that all classes are equally frequent, as they are here");
  v("csv", csv, "write the accuracy of every rule in every episode to this file, and which photos the episode had", Placeholder{"FILE"});
  v("force", force, "replace that file");
  v("skip-unreadable", skip_unreadable, "leave out photos that cannot be read, and continue");
  v.group("Labels");
  source.label_fields(v);
  v.group("Features");
  network_fields(v);
  v.group("Machine");
  machine_fields(v);
}

std::vector<int> shots_of(const EpisodesConfig& config) {
  std::vector<int> shots;
  for (const std::string& word : split(config.shots, ',')) {
    const auto number = number_in<int>(trim(word));
    if (!number || *number < 1 || *number > 100)
      throw usage_error("--shots " + printable(config.shots), "expected whole numbers from 1 to 100, separated by commas",
                        "for instance --shots 1,5");
    shots.push_back(*number);
  }
  return shots;
}

EpisodeScore play(const EpisodesConfig& c, const Seen& seen, data::Episode photos) {
  ThreadPool alone(1);
  const Unit unit = unit_rows(rows_of(seen, photos.support, c.ways), c.centre);
  Support query = rows_of(seen, photos.query, c.ways);
  head::make_unit(query.values, query.width, unit.centre);
  const head::Features queries{query.values, query.labels.size(), query.width};
  EpisodeScore score{.accuracy = {}, .taken = head::Rule::prototypes, .photos = std::move(photos)};
  std::vector<Tried> tried;
  for (const head::Rule rule : head::kRules) {
    tried.push_back(try_rule(rule, unit.rows, c.seed, alone));
    score.accuracy.push_back(accuracy_on(tried.back().solved.head, queries, query.labels));
  }
  const std::size_t taken = can_choose(unit.rows) ? best_of(tried) : 0;
  score.taken = tried[taken].rule;
  score.accuracy.push_back(score.accuracy[taken]);
  if (c.transductive)
    score.accuracy.push_back(part_right(std::span<const double>(head::transport(unit.rows, query.values)), query.labels, unit.rows.classes));
  return score;
}

Mean mean_of_all(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, values.size() < 2 ? 0 : 1.959964 * std::sqrt(squares / (n - 1) / n)};
}

Mean accuracy_of(const EpisodeScores& scores, std::size_t rule) {
  std::vector<double> values;
  for (const EpisodeScore& episode : scores.episodes) values.push_back(episode.accuracy[rule]);
  return mean_of_all(values);
}

Mean gain_of(const EpisodeScores& scores, std::size_t rule) {
  std::vector<double> values;
  for (const EpisodeScore& episode : scores.episodes) values.push_back(episode.accuracy[rule] - episode.accuracy[0]);
  return mean_of_all(values);
}

EpisodesResult run_episodes(const EpisodesConfig& config, const Listener& listener) {
  const std::vector<int> shots = shots_of(config);
  search::check_network(config);
  const data::Dataset all = all_of(config.data, config.source, listener);
  const std::vector<std::filesystem::path> paths = data::paths_of(all.samples);
  search::OpenedNetwork network = search::open_network(config);
  ThreadPool pool(config.threads);
  for (const auto& notes : {network.notes, data::choose_pixels(paths, config.background, config.depth, network.preprocess, pool)})
    for (const std::string& sentence : notes)
      if (listener.note) listener.note(sentence);
  engine::FeatureExtractor extractor = extractor_of(network.graph, network.preprocess, config.threads, config.cache_limit, paths.size());
  const Seen seen = see(extractor, paths, config.data, config.skip_unreadable, listener);
  extractor.release();
  const auto of_class = classes_to_draw(config, all, seen, *std::ranges::max_element(shots), listener);

  EpisodesResult result{.backbone = network.backbone, .classes = of_class.size(), .photos = 0, .scores = {}};
  for (const auto& photos : of_class) result.photos += photos.size();
  const auto count = static_cast<std::size_t>(config.episodes);
  const Advance advance = listener.watch ? listener.watch("answers", count * shots.size()) : nullptr;
  for (const int each : shots) {
    EpisodeScores scores{.shots = each, .rules = {}, .episodes = std::vector<EpisodeScore>(count)};
    for (const head::Rule rule : head::kRules) scores.rules.push_back(head::to_string(rule));
    scores.rules.emplace_back("auto");
    if (config.transductive) scores.rules.emplace_back("transport");
    pool.parallel_for(count, [&](std::size_t i) {
      check_interrupted();
      data::Episode episode = data::draw_episode(of_class, config.ways, each, config.queries, config.seed, i);
      scores.episodes[i] = play(config, seen, std::move(episode));
      if (advance) advance(1);
    });
    result.scores.push_back(std::move(scores));
  }
  for (EpisodeScores& scores : result.scores)  // from numbers of readable photos to numbers of photos
    for (EpisodeScore& episode : scores.episodes)
      for (auto* photos : {&episode.photos.support, &episode.photos.query})
        for (std::size_t& photo : *photos) photo = seen.photos[photo];
  return result;
}

std::string to_csv(const EpisodesResult& result) {
  std::string text = fmt::format("shots,episode,{},taken,support,query\n", fmt::join(result.scores.front().rules, ","));
  for (const EpisodeScores& scores : result.scores)
    for (std::size_t i = 0; i < scores.episodes.size(); ++i) {
      const EpisodeScore& e = scores.episodes[i];
      text += fmt::format("{},{},{},{},{},{}\n", scores.shots, i, fmt::join(e.accuracy, ","), head::to_string(e.taken),
                          fmt::join(e.photos.support, " "), fmt::join(e.photos.query, " "));
    }
  return text;
}

}  // namespace graft::shots
