#include "graft/fit/run/unfinished.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "graft/base/config_paths.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/hash.h"
#include "graft/base/json.h"
#include "graft/base/other_names.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/graph/walks.h"
#include "graft/weights/file/safetensors.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void damaged(const fs::path& file) {
  throw data_error(printable(file.string()), "is damaged", "start the run again, with another --out");
}

/// A hash of the start, so that an edited one is not resumed.
std::string fingerprint(const std::string& facts, const head::LinearHead& head) {
  Hasher hasher;
  hasher.add(facts).add(std::as_bytes(std::span(head.weight))).add(std::as_bytes(std::span(head.bias)));
  return hasher.finish().hex();
}

/// The bytes of each photo.
std::vector<std::string> photo_hashes(const std::vector<data::Sample>& samples, int threads) {
  std::vector<std::string> hashes(samples.size());
  ThreadPool pool(threads);
  pool.parallel_for(samples.size(), [&](std::size_t i) {
    const std::vector<std::byte> bytes = read_file(samples[i].path);
    hashes[i] = Hasher().add(as_text(bytes)).finish().hex();
  });
  return hashes;
}

}  // namespace

std::string photos_of(const std::vector<data::Sample>& samples, int threads) {
  Hasher hasher;
  for (const std::string& hash : photo_hashes(samples, threads)) hasher.add(hash);
  for (const data::Sample& sample : samples) {
    hasher.add(std::to_string(sample.label)).add(sample.path.filename().string());
    for (const int label : sample.labels) hasher.add(std::to_string(label));
  }
  return fmt::format("{} photos ({})", samples.size(), hasher.finish().hex().substr(0, 8));
}

namespace {

/// "12 of 40 (5c2ab0f3)" differ from 1; "none".
std::string weights_of(const std::vector<data::Sample>& samples) {
  Hasher hasher;
  std::size_t own = 0;
  for (const data::Sample& sample : samples) {
    own += sample.weight != 1 ? 1 : 0;
    hasher.add(fmt::format("{}", sample.weight));
  }
  return own == 0 ? "none" : fmt::format("{} of {} ({})", own, samples.size(), hasher.finish().hex().substr(0, 8));
}

}  // namespace

bool changes_result(const Field& option) { return !option.no_effect_on_result && !option.by_content && !option.of_one_run; }

namespace {

fs::path made_checkpoint_folder(const fs::path& run) {
  const fs::path folder = checkpoint_folder(run);
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) throw system_error(folder, "create", code.value());
  return folder;
}

}  // namespace

void write_asked(const fs::path& run, const Configured<FitConfig>& asked) {
  write_json(made_checkpoint_folder(run) / "config.json", json_record(written_in(run, asked)));
}

bool is_decided(const FitConfig& config) {
  std::error_code ignored;
  return config.resume && fs::exists(checkpoint_folder(*config.resume) / "start", ignored);
}

void write_start(const fs::path& run, const Configured<FitConfig>& config, const Start& start) {
  const fs::path folder = made_checkpoint_folder(run);
  const Json facts{{"unreadable", start.unreadable}, {"cached", start.cached ? Json(*start.cached) : Json()},
                   {"phases", start.phases},         {"identity", start.identity},
                   {"classes", start.classes},       {"reweighting", start.reweighting},
                   {"sources", start.sources},       {"near_leaks", start.near_leaks},
                   {"transfer", start.transfer}};
  std::vector<weights::NamedTensor> tensors;
  if (start.head.classes > 0)
    tensors = {{"weight", {static_cast<int64_t>(start.head.classes), static_cast<int64_t>(start.head.width)}, start.head.weight},
               {"bias", {static_cast<int64_t>(start.head.classes)}, start.head.bias}};
  const std::string text = facts.dump();
  weights::write_safetensors(folder / "start", tensors, {{"facts", text}, {"fingerprint", fingerprint(text, start.head)}});
  write_json(folder / "config.json", json_record(written_in(run, config)));
}

Start read_start(const fs::path& run) {
  const fs::path file = checkpoint_folder(run) / "start";
  const weights::StateDict dict = weights::read_safetensors(file);
  const auto facts = dict.metadata.find("facts"), mark = dict.metadata.find("fingerprint");
  const Json json = facts == dict.metadata.end() ? Json() : Json::parse(facts->second, nullptr, false);
  try {
    Start start{.unreadable = json.at("unreadable").get<std::vector<std::size_t>>(),
                .phases = json.at("phases"),
                .identity = json.at("identity").get<std::map<std::string, std::string>>(),
                .reweighting = json.at("reweighting"),
                .near_leaks = json.value("near_leaks", Json::array()),
                .sources = json.at("sources"),
                .transfer = json.value("transfer", Json())};
    start.classes = json.at("classes").get<std::size_t>();
    if (!json["cached"].is_null()) start.cached = json["cached"].get<std::size_t>();
    for (const auto& [name, tensor] : dict.tensors) {
      (name == "weight" ? start.head.weight : start.head.bias) = weights::to_floats(tensor);
      if (name == "weight") start.head.width = static_cast<std::size_t>(tensor.shape.at(1));
      start.head.classes = static_cast<std::size_t>(tensor.shape.at(0));
    }
    if (mark == dict.metadata.end() || mark->second != fingerprint(facts->second, start.head)) damaged(file);
    return start;
  } catch (const Json::exception&) {
    damaged(file);
  } catch (const std::out_of_range&) {
    damaged(file);
  }
}

void take_up(Configured<FitConfig>& config) {
  const fs::path run = *config.values.resume, file = checkpoint_folder(run) / "config.json";
  std::error_code code;
  if (origin_of(config.origins, "out").source != Source::by_default)
    throw usage_error("--out", "an unfinished run continues in its own folder", "omit --out");
  if (!fs::exists(run, code)) throw data_error(printable(run.string()), "no such run", "--resume takes the folder of an unfinished run");
  if (!fs::exists(file, code)) {
    if (fs::exists(run / "model.onnx", code))
      throw data_error(printable(run.string()), "is finished", fmt::format("use it: graft predict {} photo.jpg", shell_word(run.string())));
    throw data_error(printable(run.string()), "is not an unfinished run: it has no checkpoint", "--resume takes the folder of an unfinished run");
  }
  const std::vector<std::byte> bytes = read_file(file);
  const Json json = Json::parse(as_text(bytes), nullptr, false);
  const Origins given = config.origins;  // this time; the record's own flags are paths in the run
  apply_record(config, json, printable(file.string()));
  take_paths(list_fields(config.values), given, run);
  config.values.out = run;
}

std::map<std::string, std::string> identity(const Configured<FitConfig>& config, const graph::Graph& pretrained,
                                            const std::vector<data::Sample>& train, const std::vector<data::Sample>& val) {
  std::map<std::string, std::string> identity;
  Configured<FitConfig> written = written_in(config.values.out.value_or("."), config);  // the same from wherever it is called
  const Json options = json_record(written);
  for (const Field& option : list_fields(written.values))
    if (const Json& value = options[option.name]["value"]; changes_result(option))
      identity["--" + option.name] = value.is_null() ? "auto" : value.dump();
  identity["pretrained weights"] = graph::hash_of_weights(pretrained).hex().substr(0, 8);
  const int threads = config.values.threads;
  identity["training data"] = photos_of(train, threads);
  identity["validation data"] = photos_of(val, threads);
  identity["sample weights"] = weights_of(train);
  return identity;
}

std::vector<std::string> changes_since(const std::map<std::string, std::string>& then, const std::map<std::string, std::string>& now) {
  std::vector<std::string> changes;
  for (const auto& [key, value] : now) {
    auto old = then.find(key);
    if (old == then.end() && key.starts_with("--"))
      for (const std::string& name : same_as(key.substr(2)))
        if (old == then.end()) old = then.find("--" + name);
    if (old == then.end() || old->second != value)
      changes.push_back(fmt::format("{} was {}, is {}", key, old == then.end() ? "not there" : printable(old->second), printable(value)));
  }
  return changes;
}

void check_unchanged(const fs::path& run, const std::map<std::string, std::string>& then, const std::map<std::string, std::string>& now) {
  const std::vector<std::string> changes = changes_since(then, now);
  if (!changes.empty())
    throw data_error(printable(run.string()), fmt::format("was started differently: {}", fmt::join(changes, "; ")),
                     "undo that change, or continue with --accept-changes");
}

void forget_computed(const fs::path& run) {
  constexpr std::array kStays = {
      "config.json", "trial", "start", "state", "state.previous", "state.source", "state.source.previous", "state.without", "state.without.previous",
      "history.csv"};
  for (const fs::directory_entry& entry : fs::directory_iterator(checkpoint_folder(run)))
    if (std::ranges::find(kStays, entry.path().filename()) == kStays.end()) fs::remove(entry.path());
}

bool is_unfinished(const fs::path& run) {
  std::error_code ignored;
  const bool begun = fs::exists(checkpoint_folder(run) / "start", ignored) || fs::exists(trial_folder(run) / "record", ignored);
  return begun && fs::exists(checkpoint_folder(run) / "config.json", ignored);
}

}  // namespace graft::fit
