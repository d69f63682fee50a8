#include "graft/fit/source/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/data/groups.h"
#include "graft/engine/onnx_network.h"
#include "graft/fit/job/parts.h"
#include "graft/fit/job/photos.h"
#include "graft/fit/source/backbone.h"
#include "graft/fit/source/score.h"
#include "graft/models/join.h"
#include "graft/weights/locate.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostOfSources = 2000;  // photos

bool is_here(const models::Source& source) { return !weights::find_file(source).empty(); }

std::vector<SourceName> all_here() {
  std::vector<SourceName> names;
  for (const models::Backbone& row : models::all())
    for (const models::Source& source : row.sources)
      if (is_here(source)) names.push_back({models::Network{&row, &source}.name()});
  if (names.empty())
    throw data_error("--sources all", "no network's weights are here",
                     "fetch some, for instance: graft weights get " + std::string(models::kDefaultBackbone));
  return names;
}

SourceName parse_source(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos) return {text};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void check_source(const SourceName& name, const FitConfig& asked) {
  if (name.weights && !engine::is_onnx_file(name.backbone) && models::is_join(name.backbone))
    throw usage_error("--sources " + printable(name.backbone + "=" + name.weights->string()),
                      "networks that are joined take the published weights of each", "omit the file");
  FitConfig one = asked;
  one.backbone = name.backbone;
  one.weights = name.weights;
  check_backbone(one);
  if (engine::is_onnx_file(name.backbone)) return;
  std::error_code code;
  if (name.weights && !fs::exists(*name.weights, code))
    throw data_error(printable(name.weights->string()), "no such file", "expected a weights file for " + name.backbone);
  if (name.weights || asked.download) return;
  for (const models::Network& network : models::find_networks(name.backbone)) weights::locate(network);
}

/// One name for what is the same network with the same weights.
std::string identity_of(const SourceName& name) {
  if (engine::is_onnx_file(name.backbone)) return fs::path(name.backbone).lexically_normal().string();
  return models::name_of(models::find_networks(name.backbone)) + (name.weights ? "=" + name.weights->lexically_normal().string() : "");
}

/// With a job of its own, since opening a network fills its options in.
OneSource score_alone(const Job& job, const SourceName& name, const std::vector<data::Sample>& photos) {
  Configured<FitConfig> config = job.config;
  config.values.backbone = name.backbone;
  config.values.weights = name.weights;
  const Listener listener{.begin = job.listener.begin, .download = job.listener.download};
  Job own{.config = config, .listener = listener, .splits = job.splits};
  OneSource found = score_source(own, name, photos);
  if (found.folds == 0)
    throw usage_error("--sources", "too few photos per class for cross-validation, by which a source is chosen", "choose one by --backbone");
  return found;
}

}  // namespace

PhotosJudged judged_photos(const Job& job, const std::vector<data::Sample>& photos, const std::vector<std::size_t>& unreadable) {
  PhotosJudged judged;
  std::vector<std::string> names;
  std::vector<data::Sample> read;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    if (std::ranges::binary_search(unreadable, i)) continue;
    read.push_back(photos[i]);
    names.push_back(photos[i].path.lexically_relative(job.config.values.data).generic_string());
    judged.weights.push_back(photos[i].weight);
  }
  judged.units = data::units_of(names, read);
  return judged;
}

std::string SourceName::text() const { return weights ? backbone + "=" + weights->filename().string() : backbone; }

std::vector<SourceName> sources_of(const Configured<FitConfig>& config) {
  const FitConfig& c = config.values;
  limits_of(c);
  if (c.sources.empty()) return {};
  for (const char* option : {"backbone", "weights", "weights-key"})
    if (origin_of(config.origins, option).given())
      throw usage_error(fmt::format("--{}", option), "sets the network, which --sources is meant to choose", "give only one of them");
  if (c.from) throw usage_error("--from", "sets the network, which --sources is meant to choose", "give only one of them");
  std::vector<SourceName> names;
  std::set<std::string> known;
  for (const std::string& list : c.sources)
    for (const std::string& part : split(list, ',')) {
      const std::string text{trim(part)};
      const std::vector<SourceName> some = text == "all" ? all_here() : std::vector{parse_source(text)};
      for (const SourceName& name : some) {
        check_source(name, c);
        if (known.insert(identity_of(name)).second) names.push_back(name);
        else if (text != "all") throw usage_error("--sources " + printable(text), "given twice", "name it once");
      }
    }
  return names;
}

SourceChoice compare_sources(Job& job) {
  const std::vector<SourceName> names = sources_of(job.config);
  const std::vector<data::Sample> photos = at(job.splits.train, some_of(job, job.splits.train, kMostOfSources));
  const FitConfig& c = job.config.values;
  const bool all = std::ranges::find(c.sources, "all") != c.sources.end();
  SourceChoice choice;
  std::vector<std::size_t> unreadable;
  std::vector<std::string> left_out;
  const auto look_at = [&](const SourceName& name, bool asked_for) {
    try {
      OneSource found = score_alone(job, name, photos);
      choice.folds = found.folds;
      unreadable = std::move(found.unreadable);
      choice.scores.push_back(std::move(found.score));
    } catch (const Error& e) {
      if (asked_for || e.subject() == "--sources") throw;
      job.note(fmt::format("{} is left out: {}: {}", name.text(), e.subject(), e.fact()));
      left_out.push_back(e.subject() + ": " + e.fact());
    }
  };
  for (const SourceName& name : names) look_at(name, !all);
  if (choice.scores.empty()) throw data_error("--sources all", "none of the networks can be used here", left_out.front());
  choice.photos = photos.size() - unreadable.size();
  const PhotosJudged judged = judged_photos(job, photos, unreadable);
  const Limits limits = limits_of(c);
  decide(choice, judged, limits);
  const bool trains = c.strategy && c.by_steps();
  if (const auto pair = trains ? std::nullopt : pair_to_join(choice, judged, limits)) {
    look_at(*pair, false);
    decide(choice, judged, limits);
  }
  return choice;
}

SourceChoice compare_sources(Configured<FitConfig>& config, const Listener& listener) {
  sources_of(config);  // what is wrong with them, before any work
  Job job{config, listener};
  open_photos(job);
  return compare_sources(job);
}

void choose_source(Job& job) {
  Configured<FitConfig>& config = job.config;
  FitConfig& c = config.values;
  if (c.sources.empty()) return;
  const SourceChoice choice = compare_sources(job);
  job.sources = to_json(choice);
  std::string table = to_table(choice);
  table.pop_back();  // a note ends its line itself
  job.note(table);
  const SourceName& taken = choice.scores[choice.chosen].source;
  const std::string reason = reason_of(choice);
  choose(config, "backbone", taken.backbone, reason);
  if (taken.weights) choose(config, "weights", *taken.weights, "of the source chosen");
  job.note(fmt::format("{}: {}", taken.text(), reason));
  c.sources.clear();  // so that the run's config.toml repeats it
  c.latency.reset();
  c.model_size.reset();
  for (const char* name : {"sources", "latency", "model-size"}) config.origins.erase(name);
}

}  // namespace graft::fit
