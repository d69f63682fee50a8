#include "graft/study/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "graft/artifact/session.h"
#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/engine/onnx_network.h"
#include "graft/fit/head/photo_views.h"
#include "graft/study/outcome.h"
#include "graft/train/library.h"
#include "graft/weights/load.h"

namespace graft::study {
namespace fs = std::filesystem;
namespace {

using Begin = std::function<std::function<void(std::size_t)>(const std::string&, std::size_t)>;
constexpr double kRecordedExact = 1e-3, kRecordedRounded = 0.02, kChanged = 0.01;  // of probability, mean; of the answers, those that are others

artifact::Predictions ask(const fs::path& model, engine::Precision precision, const std::vector<fs::path>& paths, int threads, const Begin& begin) {
  const auto session = artifact::open_session(model, {.precision = precision, .threads = threads});
  artifact::Predictions found =
      session->predict(paths, threads, begin(precision == engine::Precision::bf16 ? "OpenVINO, bf16" : "OpenVINO, float32", paths.size()));
  if (!found.unreadable.empty()) throw found.unreadable.front().error;
  return found;
}

Replay compared(const std::string& name, const std::vector<float>& logits, const std::vector<float>& expected, const artifact::ModelCard& card,
                engine::Precision precision) {
  const fit::Difference d = fit::difference_of(logits, expected, card.labels.size(), card.task);
  return {name, d, fit::harmless(d, precision) && (precision == engine::Precision::bf16 || d.changed == 0)};
}

/// The weights as the file has them, through the operators that training uses.
Replay by_libtorch(const fs::path& model, const artifact::ModelCard& card, const std::vector<data::Sample>& samples,
                   const std::vector<float>& expected, int threads, const Begin& begin) {
  const std::string name = "libtorch, float32";
  const engine::OnnxNetwork network = engine::read_onnx(model, card.preprocess.crop, "");
  if (!network.reading.graph) return {.name = name, .difference = std::nullopt, .why_not = "graft has no operator for " + network.reading.reason};
  const train::Library* library = nullptr;
  try {
    library = &train::library();
  } catch (const Error& error) {
    return {.name = name, .difference = std::nullopt, .why_not = error.subject() + ": " + error.fact()};
  }
  ThreadPool pool(threads);
  const fit::PhotoViews photos(data::paths_of(samples), card.preprocess, {}, 0, pool);
  const auto advance = begin(name, samples.size());
  train::Samples shown{.labels = data::labels_of(samples), .fill = [&](uint64_t, std::span<const std::size_t> which, std::span<float> out) {
                         std::vector<fit::PhotoViews::Picture> pictures;
                         for (const std::size_t i : which) pictures.push_back({i, 0});
                         photos.fill(pictures, out);
                         if (advance) advance(which.size());
                       }};
  shown.task = card.task;
  shown.targets = data::targets_of(card.task, samples, card.labels.size());
  train::TrainConfig config;
  config.threads = threads;
  return compared(name, library->predict(*network.reading.graph, config, shown), expected, card, engine::Precision::float32);
}

/// Whose softmax or logistic function they are.
float logit_of(data::SingleLabel /*task*/, float p) { return std::log(std::max(p, 1e-12F)); }
float logit_of(data::MultiLabel /*task*/, float p) {
  const float q = std::clamp(p, 1e-7F, 1 - 1e-7F);
  return std::log(q / (1 - q));
}

std::vector<float> logits_of(const data::Task& task, std::span<const float> probabilities) {
  std::vector<float> logits;
  for (const float p : probabilities) logits.push_back(std::visit([&](const auto& t) { return logit_of(t, p); }, task));
  return logits;
}

fs::path whole(const fs::path& path) { return fs::absolute(path).lexically_normal(); }

/// Of the photos that both have.
std::optional<Recorded> beside_record(const Outcome& then, const std::vector<data::Sample>& samples, const std::vector<float>& now,
                                      const artifact::ModelCard& card) {
  const std::size_t classes = card.labels.size();
  if (then.probabilities.empty()) return std::nullopt;
  std::map<fs::path, std::size_t> row;
  for (std::size_t i = 0; i < then.paths.size(); ++i) row[whole(then.paths[i])] = i;
  std::vector<float> before, today;
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (const auto at = row.find(whole(samples[i].path)); at != row.end()) {
      const auto add = [&](std::vector<float>& to, const std::vector<float>& from, std::size_t r) {
        to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(r * classes), from.begin() + static_cast<std::ptrdiff_t>((r + 1) * classes));
      };
      add(before, then.probabilities, at->second);
      add(today, now, i);
    }
  if (before.empty()) return std::nullopt;
  const fit::Difference d = fit::difference_of(logits_of(card.task, today), logits_of(card.task, before), classes, card.task);
  Recorded recorded{.photos = before.size() / classes, .changed = d.changed, .moved = d.probabilities, .precision = card.precision};
  recorded.same =
      card.precision == engine::Precision::float32
          ? d.probabilities <= kRecordedExact && d.changed == 0
          : d.probabilities <= kRecordedRounded && eval::wilson(static_cast<long>(d.changed), static_cast<long>(d.answers)).low <= kChanged;
  return recorded;
}

std::optional<Outcome> record_of(const fs::path& run) {
  std::error_code code;
  if (!fs::exists(run / "predictions.csv", code)) return std::nullopt;
  return read_outcome(run);
}

}  // namespace

bool Replayed::same() const {
  return std::ranges::all_of(replays, [](const Replay& r) { return r.same || !r.counts; }) && (!recorded || recorded->same);
}

std::size_t check_weights(const fs::path& model) {
  const fs::path file = model.parent_path() / "weights.safetensors";
  std::error_code code;
  if (!fs::exists(file, code)) return 0;
  const onnx::ModelProto proto = onnx::read_model(model);
  const weights::StateDict dict = weights::read(file);
  const std::string hint = "one of the two files was changed after the run; take both from a copy of it";
  for (const auto& [name, tensor] : dict.tensors) {
    const auto found = proto.initialisers.find(name);
    if (found == proto.initialisers.end())
      throw data_error(printable(model.string()), fmt::format("has no tensor '{}', which {} has", printable(name), file.filename().string()), hint);
    const auto there = onnx::to_floats(found->second);
    const std::vector<float> expected = weights::to_floats(tensor);
    if (!there || !std::ranges::equal(there->values, expected))
      throw data_error(printable(model.string()), fmt::format("the values of '{}' are not those of {}", printable(name), file.filename().string()),
                       hint);
  }
  return dict.tensors.size();
}

std::vector<data::Sample> recorded_photos(const fs::path& run) {
  const std::string name = printable(run.string());
  if (!record_of(run)) throw data_error(name, "has no predictions.csv, which names its validation photos", "give labeled photos: --data FOLDER");
  const Outcome then = read_outcome(run);
  std::vector<data::Sample> samples;
  std::vector<std::string> gone;
  std::error_code code;
  for (std::size_t i = 0; i < then.paths.size(); ++i) {
    if (!fs::is_regular_file(then.paths[i], code)) gone.push_back(printable(then.paths[i]));
    samples.push_back({.path = then.paths[i], .label = then.numbers.empty() ? -1 : then.numbers[i]});
  }
  if (!gone.empty())
    throw data_error(name, fmt::format("{} of its {} validation photos are gone: {}", gone.size(), then.paths.size(), first_few(gone, 3)),
                     "give labeled photos: --data FOLDER");
  return samples;
}

Replayed replay(const fs::path& run, const std::vector<data::Sample>& samples, int threads, const Begin& begin) {
  const fs::path model = artifact::model_file(run);
  Replayed found{.model = printable(model.string()), .photos = samples.size(), .tensors = check_weights(model), .replays = {}, .recorded = {}};
  const artifact::ModelCard card = artifact::load_card(model);
  const std::vector<fs::path> paths = data::paths_of(samples);
  const artifact::Predictions exact = ask(model, engine::Precision::float32, paths, threads, begin);
  std::vector<float> as_checked = exact.probabilities;
  if (engine::has_native_bf16()) {
    artifact::Predictions rounded = ask(model, engine::Precision::bf16, paths, threads, begin);
    found.replays.push_back(compared("OpenVINO, bf16", rounded.logits, exact.logits, card, engine::Precision::bf16));
    if (card.precision == engine::Precision::bf16) as_checked = std::move(rounded.probabilities);
    else found.replays.back().counts = false;
  } else {
    found.replays.push_back({.name = "OpenVINO, bf16", .difference = std::nullopt, .why_not = "this CPU has no bf16"});
  }
  found.replays.push_back(by_libtorch(model, card, samples, exact.logits, threads, begin));
  if (const auto then = record_of(run)) found.recorded = beside_record(*then, samples, as_checked, card);
  return found;
}

}  // namespace graft::study
