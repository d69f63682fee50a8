// Classes added to a finished run, and removed from it.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/quotes.h"
#include "graft/base/text.h"
#include "graft/fit/run/verify.h"
#include "graft/graph/walks.h"
#include "graft/onnx/read.h"
#include "graft/onnx/read_back.h"
#include "graft/shots/model_files.h"
#include "graft/shots/network.h"

namespace graft::shots {
namespace fs = std::filesystem;
namespace {

/// A run as its files have it.
struct Run {
  fs::path folder;
  std::string name;
  Kept kept;
  artifact::ModelCard card;
  graph::Graph backbone;
};

Run open_run(const fs::path& path) {
  const fs::path file = artifact::model_file(path);
  if (!fs::is_directory(path))
    throw data_error(printable(path.string()), "is a file, expected the run folder, which holds the features of its photos", "give the folder");
  Run run{.folder = path, .name = printable(path.string()), .kept = read_kept(path), .card = artifact::load_card(path), .backbone = {}};
  onnx::Reading reading = onnx::read_back(onnx::read_model(file));
  if (!reading.graph)
    throw data_error(run.name, fmt::format("its network cannot be read back: {}", reading.reason),
                     "make the run again with `graft shots` and all photos");
  run.backbone = without_rule(std::move(*reading.graph), run.name);
  if (static_cast<std::size_t>(graph::feature_count(run.backbone)) != run.kept.support.width || run.card.labels != run.kept.support.classes)
    throw data_error(run.name, fmt::format("its model.onnx and {} do not belong to the same run", kSupportFile),
                     "make the run again with `graft shots`");
  return run;
}

/// Files of the run that are not written anew and stay valid: whatever the user put there.
void take_over_strangers(const fs::path& from, const fs::path& to) {
  static const std::set<std::string> ours{"model.onnx",  "weights.safetensors", "trained_on.npy",  kSupportFile, kRecordFile,
                                          "config.toml", "eval.json",           "predictions.csv", "answers.csv"};
  for (const auto& entry : fs::directory_iterator(from))
    if (!ours.contains(entry.path().filename().string())) fs::copy(entry.path(), to / entry.path().filename(), fs::copy_options::recursive);
}

/// Writes the run as it is now; `photos` are asked of the written model, whose features are (photos, width) values.
Result write_changed(const Run& run, const Kept& kept, const ClassConfig& c, const std::string& done, const std::vector<fs::path>& photos,
                     const std::vector<float>& values, const Listener& listener) {
  const fs::path out = c.out.value_or(run.folder);
  AtomicFolder folder(out, c.out ? AtomicFolder::Over::nothing : AtomicFolder::Over::what_is_there);
  ThreadPool pool(c.threads);
  Made made = make_model(run.backbone, run.card.preprocess, kept, run.card.provenance, run.name, pool);
  std::vector<std::string> history = read_history(run.folder);
  history.push_back(done);
  write_model_files(folder.path(), made, kept, history);
  if (!c.out) take_over_strangers(run.folder, folder.path());
  if (!photos.empty()) {
    std::vector<data::Sample> samples;
    for (const fs::path& photo : photos) samples.push_back({.path = photo, .label = 0});
    fit::verify(folder.path() / "model.onnx", samples, logits_of(made, values, kept.support.width), engine::Precision::float32, c.threads,
                listener.begin ? listener.begin("check", samples.size()) : nullptr);
  }
  check_interrupted();
  folder.commit();
  return result_of(out, std::move(made), kept);
}

std::string list_of(const std::vector<std::string>& photos) { return first_few(photos); }

/// Error (data) for photos that the run has, or that are given twice.
void check_new(const Run& run, const Seen& seen, const std::vector<fs::path>& photos) {
  const std::set<Hash128> there(run.kept.hashes.begin(), run.kept.hashes.end());
  std::set<Hash128> given;
  std::vector<std::string> known, twice;
  for (std::size_t i = 0; i < seen.photos.size(); ++i) {
    const std::string name = printable(photos[seen.photos[i]].string());
    if (there.contains(seen.hashes[i])) known.push_back(name);
    else if (!given.insert(seen.hashes[i]).second) twice.push_back(name);
  }
  if (!known.empty()) throw data_error(run.name, fmt::format("has these photos already: {}", list_of(known)), "give only photos of the new class");
  if (!twice.empty()) throw data_error(list_of(twice), "given twice, byte for byte the same", "give each photo once");
}

}  // namespace

Result add_class(const ClassConfig& c, const Listener& listener) {
  if (trim(c.name).empty() || c.name != printable(c.name))
    throw usage_error("name", in_quotes(c.name) + ", expected the name of a class", "for instance graft add-class runs/birds owl owls/");
  Run run = open_run(c.run);
  if (std::ranges::find(run.kept.support.classes, c.name) != run.kept.support.classes.end())
    throw data_error(run.name, fmt::format("has a class {} already", in_quotes(c.name)),
                     fmt::format("remove it first with `graft remove-class`, or choose another name"));
  const data::ImageList listed = data::list_images(c.photos, std::cin);
  for (const std::string& sentence : listed.notes)
    if (listener.note) listener.note(sentence);
  engine::FeatureExtractor extractor = extractor_of(run.backbone, run.card.preprocess, c.threads, c.cache_limit, listed.paths.size());
  const Seen seen = see(extractor, listed.paths, c.photos[0], c.skip_unreadable, listener);
  extractor.release();
  check_new(run, seen, listed.paths);
  Kept kept = run.kept;
  kept.support.labels.insert(kept.support.labels.end(), seen.photos.size(), static_cast<int>(kept.support.classes.size()));
  kept.support.classes.push_back(c.name);
  kept.hashes.insert(kept.hashes.end(), seen.hashes.begin(), seen.hashes.end());
  kept.support.values.insert(kept.support.values.end(), seen.values.begin(), seen.values.end());
  sort(kept);
  std::vector<fs::path> photos;
  for (const std::size_t i : seen.photos) photos.push_back(listed.paths[i]);
  return write_changed(run, kept, c, fmt::format("graft add-class {}: {} photo{}", c.name, photos.size(), photos.size() == 1 ? "" : "s"), photos,
                       seen.values, listener);
}

Result remove_class(const ClassConfig& c, const Listener& listener) {
  const Run run = open_run(c.run);
  const Support& all = run.kept.support;
  const auto found = std::ranges::find(all.classes, c.name);
  if (found == all.classes.end()) {
    const auto near = closest(c.name, all.classes);
    throw data_error(run.name, fmt::format("has no class {}", in_quotes(c.name)),
                     near ? fmt::format("did you mean {}?", in_quotes(*near)) : "its classes are " + first_few(all.classes));
  }
  if (all.classes.size() < 3)
    throw data_error(run.name, fmt::format("would have a single class without {}, expected at least 2", in_quotes(c.name)),
                     "add another class first with `graft add-class`");
  const auto gone = static_cast<int>(found - all.classes.begin());
  Kept kept = run.kept;
  kept.support.classes.erase(kept.support.classes.begin() + gone);
  kept.support.labels.clear();
  kept.support.values.clear();
  kept.hashes.clear();
  for (std::size_t i = 0; i < all.labels.size(); ++i) {
    if (all.labels[i] == gone) continue;
    kept.support.labels.push_back(all.labels[i] - (all.labels[i] > gone ? 1 : 0));
    kept.hashes.push_back(run.kept.hashes[i]);
    const auto row = std::span(all.values).subspan(i * all.width, all.width);
    kept.support.values.insert(kept.support.values.end(), row.begin(), row.end());
  }
  return write_changed(run, kept, c, fmt::format("graft remove-class {}", c.name), {}, {}, listener);
}

}  // namespace graft::shots
