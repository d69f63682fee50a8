#include "graft/fit/source/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/data/groups.h"
#include "graft/data/look.h"
#include "graft/engine/onnx_network.h"
#include "graft/fit/head/head_input.h"
#include "graft/fit/head/probe.h"
#include "graft/fit/head/solve.h"
#include "graft/fit/job/imbalance.h"
#include "graft/fit/job/parts.h"
#include "graft/fit/job/photos.h"
#include "graft/fit/source/backbone.h"
#include "graft/graph/walks.h"
#include "graft/head/transferability.h"
#include "graft/onnx/write.h"
#include "graft/weights/locate.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostOfSources = 2000;   // photos
constexpr std::size_t kMostDecomposed = 1000;  // photos for LogME and the H-score, which take the cube of their number
constexpr int kWarmUps = 3, kTimes = 30;       // runs of a single image
constexpr double kLongEnough = 1.5;            // seconds

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
  FitConfig one = asked;
  one.backbone = name.backbone;
  one.weights = name.weights;
  check_backbone(one);
  if (engine::is_onnx_file(name.backbone)) return;
  std::error_code code;
  if (name.weights && !fs::exists(*name.weights, code))
    throw data_error(printable(name.weights->string()), "no such file", "it was to be of " + name.backbone);
  if (!name.weights && !asked.download) weights::locate(models::find_network(name.backbone));
}

/// One name for what is the same network with the same weights.
std::string identity_of(const SourceName& name) {
  if (engine::is_onnx_file(name.backbone)) return fs::path(name.backbone).lexically_normal().string();
  return models::find_network(name.backbone).name() + (name.weights ? "=" + name.weights->lexically_normal().string() : "");
}

/// Of a single image at its fastest: what else runs on the machine only makes it slower.
double seconds_an_image(const std::string& onnx, const Job& job, engine::Precision precision) {
  engine::Engine engine(onnx, job.pretrained.graph.name, job.preprocess, {.precision = precision, .threads = job.config.values.threads, .batch = 1});
  const std::vector<uint8_t> pixels(job.preprocess.row_bytes(), 128);
  std::vector<float> out(engine.width());
  double fastest = 0, sum = 0;
  for (int i = 0; i < kWarmUps + kTimes && (i < kWarmUps + 3 || sum < kLongEnough); ++i) {
    check_interrupted();
    const auto start = std::chrono::steady_clock::now();
    engine.run(pixels, 1, out);
    const double time = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (i < kWarmUps) continue;
    fastest = i == kWarmUps ? time : std::min(fastest, time);
    sum += time;
  }
  return fastest * (job.config.values.mirror.value_or(false) ? 2 : 1);
}

int64_t known_multiply_adds(const graph::Graph& graph) {
  for (const graph::Node& node : graph.nodes)
    if (std::holds_alternative<graph::Foreign>(node.op)) return 0;
  return graph::multiply_adds(graph);
}

struct OneSource {
  SourceScore score;
  int folds;
  std::vector<std::size_t> unreadable;
};

/// LogME and the H-score of the rows' last features.
void add_transferability(SourceScore& score, const Rows& rows, int classes, ThreadPool& pool) {
  std::vector<std::size_t> some;
  const std::size_t step = (rows.labels.size() + kMostDecomposed - 1) / kMostDecomposed;  // photos stand class by class: a share of each
  for (std::size_t i = 0; i < rows.labels.size(); i += step) some.push_back(i);
  const Rows few = rows_at(rows, some);
  score.logme = head::logme(few.features(), few.labels, classes, pool);
  score.h_score = head::h_score(few.features(), few.labels, classes, true, pool);
}

/// `job` is the source's own.
OneSource score_source(Job& job, const SourceName& name, const std::vector<data::Sample>& photos) {
  const FitConfig& c = job.config.values;
  auto [pretrained, preprocess] = open_backbone(job);
  job.pretrained = std::move(pretrained);
  job.preprocess = preprocess;
  data::choose_pixels(data::paths_of(job.splits.train), c.background, c.depth, job.preprocess, job.pool);
  choose_imbalance(job);
  engine::FeatureExtractor extractor(job.pretrained.graph, job.preprocess, extract_options(c));
  const engine::FeatureTable table = extractor.extract(data::paths_of(photos), c.mirror.value_or(false), job.begin(name.text(), photos.size()));
  extractor.release();
  OneSource found{.score = {.source = name, .size = job.preprocess.crop}, .folds = 0};
  for (const data::Unreadable& u : table.unreadable) found.unreadable.push_back(u.index);
  const Rows all = rows_of(table, 0, photos, found.unreadable, job.splits.classes.size());
  if (all.labels.empty()) return found;

  FitConfig compared = c;
  compared.mirror = c.mirror.value_or(false);
  if (c.strategy && c.by_steps()) compared.features = FeatureSet::last;
  const std::size_t width = extractor.width(), last = extractor.last_width();
  std::vector<Candidate> inputs = compare_inputs(compared, all, width, last, job.classes(), job.pool);
  const Candidate& taken = inputs.back();
  const Rows seen = columns(all, width, last, taken.input);
  const head::L2Choice l2 = taken.rows > 0 ? taken.l2 : choose_l2(compared, seen, job.classes(), job.pool);
  if (l2.folds == 0) return found;
  SourceScore& score = found.score;
  found.folds = l2.folds;
  score.features = seen.width;
  score.every_stage = taken.input.every_stage;
  score.held_out = l2.held_out;
  score.accuracy = std::ranges::min_element(l2.path, {}, &head::L2Score::log_loss)->accuracy;
  if (all.targets.empty()) add_transferability(score, columns(all, width, last, {false, taken.input.mirror}), job.classes(), job.pool);
  const graph::Graph network = graph::features(job.pretrained.graph);
  const std::string onnx = onnx::write(network);
  score.bytes = static_cast<double>(onnx.size());
  score.multiply_adds = known_multiply_adds(network);
  score.seconds = seconds_an_image(onnx, job, extractor.precision().precision);
  return found;
}

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

}  // namespace

std::string SourceName::text() const { return weights ? backbone + "=" + weights->filename().string() : backbone; }

std::vector<SourceName> sources_of(const Configured<FitConfig>& config) {
  const FitConfig& c = config.values;
  limits_of(c);
  if (c.sources.empty()) return {};
  for (const char* option : {"backbone", "weights", "weights-key"})
    if (origin_of(config.origins, option).given())
      throw usage_error(fmt::format("--{}", option), "says the network, which --sources is to choose", "leave one of them away");
  if (c.from) throw usage_error("--from", "brings the network, which --sources is to choose", "leave one of them away");
  std::vector<SourceName> names;
  std::set<std::string> known;
  for (const std::string& list : c.sources)
    for (const std::string& part : split(list, ',')) {
      const std::string text{trim(part)};
      const std::vector<SourceName> some = text == "all" ? all_here() : std::vector{parse_source(text)};
      for (const SourceName& name : some) {
        check_source(name, c);
        if (known.insert(identity_of(name)).second) names.push_back(name);
        else if (text != "all") throw usage_error("--sources " + printable(text), "given twice", "leave it away once");
      }
    }
  return names;
}

SourceChoice compare_sources(Job& job) {
  const std::vector<SourceName> names = sources_of(job.config);
  const std::vector<data::Sample> photos = at(job.splits.train, some_of(job, job.splits.train, kMostOfSources));
  const bool all = std::ranges::find(job.config.values.sources, "all") != job.config.values.sources.end();
  SourceChoice choice;
  std::vector<std::size_t> unreadable;
  std::vector<std::string> left_out;
  for (const SourceName& name : names) {
    Configured<FitConfig> config = job.config;
    config.values.backbone = name.backbone;
    config.values.weights = name.weights;
    const Listener listener{.begin = job.listener.begin, .download = job.listener.download};
    Job own{.config = config, .listener = listener, .splits = job.splits};
    try {
      OneSource found = score_source(own, name, photos);
      if (found.folds == 0)
        throw usage_error("--sources", "too few photos a class for cross-validation, by which a source is chosen", "choose one by --backbone");
      choice.folds = found.folds;
      unreadable = std::move(found.unreadable);
      choice.scores.push_back(std::move(found.score));
    } catch (const Error& e) {
      if (!all || e.subject() == "--sources") throw;
      job.note(fmt::format("{} is left out: {}: {}", name.text(), e.subject(), e.fact()));
      left_out.push_back(e.subject() + ": " + e.fact());
    }
  }
  if (choice.scores.empty()) throw data_error("--sources all", "none of the networks can be used here", left_out.front());
  choice.photos = photos.size() - unreadable.size();
  decide(choice, judged_photos(job, photos, unreadable), limits_of(job.config.values));
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
