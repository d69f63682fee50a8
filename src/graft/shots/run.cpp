#include "graft/shots/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "graft/artifact/answer_lines.h"
#include "graft/artifact/answers.h"
#include "graft/base/config_paths.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/quotes.h"
#include "graft/base/text.h"
#include "graft/data/look.h"
#include "graft/fit/job/leaked.h"
#include "graft/fit/run/run_folder.h"
#include "graft/fit/run/verify.h"
#include "graft/head/closed/transport.h"
#include "graft/shots/model_files.h"

namespace graft::shots {
namespace fs = std::filesystem;
namespace {

/// The labelled photos that can be read, each once.
Kept kept_of(const ShotsConfig& c, const data::Dataset& all, const Seen& seen, const Listener& listener) {
  Kept kept{.support = {.classes = all.classes, .labels = {}, .values = {}, .width = seen.width},
            .hashes = {},
            .rule = c.rule,
            .centre = c.centre,
            .seed = c.seed};
  std::map<Hash128, std::size_t> first;
  std::size_t again = 0;
  for (std::size_t i = 0; i < seen.photos.size(); ++i) {
    const data::Sample& sample = all.samples[seen.photos[i]];
    const auto [at, added] = first.try_emplace(seen.hashes[i], seen.photos[i]);
    if (!added && all.samples[at->second].label != sample.label)
      throw data_error(printable(sample.path.string()),
                       fmt::format("is the same photo as {}, which has another class", printable(all.samples[at->second].path.string())),
                       "remove the wrong one");
    if (!added) {
      ++again;
      continue;
    }
    kept.support.labels.push_back(sample.label);
    kept.hashes.push_back(seen.hashes[i]);
    const auto row = std::span(seen.values).subspan(i * seen.width, seen.width);
    kept.support.values.insert(kept.support.values.end(), row.begin(), row.end());
  }
  if (again > 0 && listener.note) listener.note(fmt::format("photos that occur twice, byte for byte, count once: {}", again));
  std::vector<std::size_t> counts(all.classes.size());
  for (const int label : kept.support.labels) ++counts[static_cast<std::size_t>(label)];
  for (std::size_t k = 0; k < counts.size(); ++k)
    if (counts[k] == 0)
      throw data_error(printable(c.support.string()), fmt::format("class {} has no photo that can be read", in_quotes(all.classes[k])),
                       "add one, or remove the class");
  sort(kept);
  return kept;
}

struct Query {
  std::vector<fs::path> photos;
  std::vector<data::Sample> samples;  // empty: without labels
};

bool is_labelled(const std::vector<fs::path>& query) {
  if (query.size() != 1 || query[0] == "-") return false;
  const fs::path path = data::existing(query[0]);
  if (!fs::is_directory(path)) {
    const std::string extension = lower(path.extension().string());
    return extension == ".csv" || extension == ".tsv";
  }
  const data::Listing listing = data::list_folder(path);
  return listing.images.empty() && !listing.folders.empty();
}

Query query_of(const ShotsConfig& c, const std::vector<std::string>& classes, const Listener& listener) {
  if (c.query.empty()) return {};
  if (is_labelled(c.query)) {
    data::Dataset labelled = data::open_labelled(c.query[0], classes, {.part = "", .task = {}, .source = c.source});
    for (const std::string& sentence : labelled.notes)
      if (listener.note) listener.note(sentence);
    return {data::paths_of(labelled.samples), std::move(labelled.samples)};
  }
  const data::ImageList listed = data::list_images(c.query, std::cin);
  for (const std::string& sentence : listed.notes)
    if (listener.note) listener.note(sentence);
  return {listed.paths, {}};
}

void evaluate(const ShotsConfig& c, const std::vector<std::string>& classes, QueryAnswers& query) {
  if (query.samples.empty()) return;
  const std::vector<int> labels = data::labels_of(query.samples);
  const eval::Truth truth{.rows = labels.size(), .labels = labels};
  query.evaluation = eval::measure(truth, query.probabilities, classes, {.threads = c.threads});
  if (!query.together.empty()) query.evaluation_together = eval::measure(truth, query.together, classes, {.threads = c.threads});
}

/// The rows of the photos that are none of the labelled ones.
Seen new_photos(const Seen& seen, const Kept& kept, std::size_t& known) {
  const std::set<Hash128> labelled(kept.hashes.begin(), kept.hashes.end());
  Seen fresh{.width = seen.width};
  for (std::size_t i = 0; i < seen.photos.size(); ++i) {
    if (labelled.contains(seen.hashes[i])) {
      ++known;
      continue;
    }
    fresh.photos.push_back(seen.photos[i]);
    fresh.hashes.push_back(seen.hashes[i]);
    const auto row = std::span(seen.values).subspan(i * seen.width, seen.width);
    fresh.values.insert(fresh.values.end(), row.begin(), row.end());
  }
  return fresh;
}

/// The model's answers, computed from its file as `graft predict` would; Error (data) where they are not those of the features.
std::vector<float> answers_from_file(const fs::path& folder, const Made& made, std::vector<float> values, std::size_t width,
                                     const std::vector<fs::path>& photos, int threads, const Listener& listener) {
  const std::vector<float> expected = logits_of(made, std::move(values), width);
  std::vector<data::Sample> samples;
  for (const fs::path& photo : photos) samples.push_back({.path = photo, .label = 0});
  return fit::verify(folder / "model.onnx", samples, expected, engine::Precision::float32, threads,
                     listener.begin ? listener.begin("check", samples.size()) : nullptr)
      .predictions.probabilities;
}

void write_answers(const fs::path& folder, const fs::path& run, const Made& made, const QueryAnswers& query) {
  const std::vector<float>& said = query.together.empty() ? query.probabilities : query.together;
  const std::size_t classes = made.card.labels.size();
  const std::vector<trust::Decision> decisions = trust::decide_all({}, made.card.task, classes, said, said, {});
  if (query.evaluation) {
    write_json(folder / "eval.json", fit::evaluation_json(*query.evaluation, std::nullopt), Sync::later);
    const std::vector<trust::Decision> alone = trust::decide_all({}, made.card.task, classes, query.probabilities, query.probabilities, {});
    write_file(folder / "predictions.csv", artifact::answers_csv(query.samples, query.probabilities, alone, made.card, run), Sync::later);
    return;
  }
  const trust::Rules none;
  const artifact::LineOptions options{made.card.labels, static_cast<int>(std::min<std::size_t>(classes, 3)), false, none};
  std::string csv = artifact::csv_header(made.card.task, options);
  for (std::size_t i = 0; i < query.photos.size(); ++i)
    csv += artifact::csv_line(made.card.task, printable(query.photos[i].string()), {std::span(said).subspan(i * classes, classes), decisions[i]},
                              options);
  write_file(folder / "answers.csv", csv, Sync::later);
}

}  // namespace

void ShotsConfig::fields(FieldList& v) {
  v.positional("support", support, "the labeled photos, 1 to 20 per class: folder of class folders, or a CSV or TSV of path,label");
  v.positional("query", query,
               "photos to classify: image files and folders; or, to measure the model, a folder of class folders or a CSV or TSV of path,label",
               MayBeEmpty{});
  v("rule", rule, kRuleHelp, kRuleNames);
  v("center", centre, kCentreHelp, kCentreNames);
  v("transductive", transductive,
    "classify the photos of QUERY together, by optimal transport, which assumes that all classes are equally frequent among them; the model that is "
    "written still classifies one photo at a time");
  v("out", out, "folder of the run, which must not exist", Shorthand{'o'}, Placeholder{"DIR"}, OfOneRun{}, DefaultText{"runs/NAME-TIME"});
  v("seed", seed, "seed of the folds of logistic regression");
  v("skip-unreadable", skip_unreadable, "leave out photos that cannot be read, and continue");
  v.group("Labels");
  source.label_fields(v);
  v.group("Features");
  network_fields(v);
  v.group("Machine");
  machine_fields(v);
}

Result run_shots(Configured<ShotsConfig>& config, const Listener& listener) {
  ShotsConfig& c = config.values;
  if (c.transductive && c.query.empty())
    throw usage_error("--transductive", "classifies photos together, but no QUERY is given", "give the photos after SUPPORT");
  search::check_network(c);
  if (!c.out) choose(config, "out", fit::default_run_folder(c.support), "name and time");
  AtomicFolder folder(*c.out);
  const data::Dataset all = all_of(c.support, c.source, listener);
  const Query query = query_of(c, all.classes, listener);
  std::vector<fs::path> photos = data::paths_of(all.samples);
  search::OpenedNetwork network = search::open_network(c);
  ThreadPool pool(c.threads);
  for (const auto& notes : {network.notes, data::choose_pixels(photos, c.background, c.depth, network.preprocess, pool)})
    for (const std::string& sentence : notes)
      if (listener.note) listener.note(sentence);
  engine::FeatureExtractor extractor = extractor_of(network.graph, network.preprocess, c.threads, c.cache_limit, photos.size() + query.photos.size());
  const Seen seen = see(extractor, photos, c.support, c.skip_unreadable, listener);
  const Kept kept = kept_of(c, all, seen, listener);
  QueryAnswers answers;
  Seen asked{.width = seen.width};
  if (!query.photos.empty()) asked = new_photos(see(extractor, query.photos, c.query[0], c.skip_unreadable, listener), kept, answers.known);
  extractor.release();
  if (answers.known > 0 && listener.note)
    listener.note(fmt::format("photos of QUERY that are also among the labeled ones are left out: {}", answers.known));
  if (!query.photos.empty() && asked.photos.empty())
    throw data_error(printable(c.query[0].string()), "contains only photos that are also among the labeled ones", "give others");

  const nlohmann::ordered_json provenance{{"graft", GRAFT_VERSION},
                                          {"strategy", "shots"},
                                          {"backbone", printable(fs::path(network.backbone).filename().string())},
                                          {"weights", {{"file", printable(network.file.filename().string())}, {"sha256", network.sha256}}},
                                          {"data", {{"name", printable(c.support.filename().string())}}},
                                          {"features", "last"},
                                          {"mirror", false},
                                          {"seed", c.seed}};
  Made made = make_model(network.graph, network.preprocess, kept, provenance, printable(c.support.string()), pool);
  write_model_files(folder.path(), made, kept, {"graft shots"});
  std::vector<float> values = seen.values;
  std::vector<fs::path> all_photos;
  for (const std::size_t i : seen.photos) all_photos.push_back(photos[i]);
  for (const std::size_t i : asked.photos) {
    answers.photos.push_back(query.photos[i]);
    if (!query.samples.empty()) answers.samples.push_back(query.samples[i]);
  }
  all_photos.insert(all_photos.end(), answers.photos.begin(), answers.photos.end());
  values.insert(values.end(), asked.values.begin(), asked.values.end());
  const std::vector<float> said = answers_from_file(folder.path(), made, std::move(values), seen.width, all_photos, c.threads, listener);
  answers.probabilities.assign(said.begin() + static_cast<std::ptrdiff_t>(seen.photos.size() * kept.support.classes.size()), said.end());
  if (c.transductive) {
    std::vector<float> unit = asked.values;
    head::make_unit(unit, asked.width, made.learnt.centre);
    for (const double p : head::transport(unit_rows(kept.support, c.centre).rows, unit)) answers.together.push_back(static_cast<float>(p));
  }
  evaluate(c, kept.support.classes, answers);
  write_file(folder.path() / "config.toml", toml_text(written_in(*c.out, config)), Sync::later);
  if (!answers.photos.empty()) write_answers(folder.path(), *c.out, made, answers);
  check_interrupted();
  folder.commit();
  Result result = result_of(*c.out, std::move(made), kept);
  result.query = std::move(answers);
  return result;
}

}  // namespace graft::shots
