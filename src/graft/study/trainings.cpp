#include "graft/study/trainings.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/artifact/answers.h"
#include "graft/artifact/known_photos.h"
#include "graft/base/config_paths.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/data/dataset.h"
#include "graft/eval/scores.h"
#include "graft/fit/job/photos.h"
#include "graft/fit/prepare.h"
#include "graft/fit/run/unfinished.h"

namespace graft::study {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kFewRuns = 4;  // with few runs, every step is reported

Configured<fit::FitConfig> with_words(const Study& study, const Variant& variant, const Repeat& repeat) {
  Variant both = variant;
  both.words.insert(both.words.end(), repeat.words.begin(), repeat.words.end());
  return configured(study.asked, both);
}

/// Writes the file with what it names as seen from the target's folder; false for one that names no other.
bool move_paths(const fs::path& file, const fs::path& target) {
  const std::string name = file.filename().string();
  const fs::path from = file.parent_path(), to = target.parent_path();
  const auto write = [&](const auto& moved) {
    const std::vector<std::byte> bytes = read_file(file);
    write_file(target, moved(as_text(bytes)));
    return true;
  };
  fit::FitConfig any;
  if (name == "config.toml") return write([&](std::string_view text) { return moved_toml(list_fields(any), text, from, to); });
  if (name == "predictions.csv")
    return write([&](std::string_view text) { return artifact::moved_answers(text, from, to, printable(file.string())); });
  if (artifact::is_known_photos(name)) return write([&](std::string_view text) { return artifact::moved_known_photos(text, from, to); });
  return false;
}

/// Removes a study that has no run that is finished or can be resumed.
void remove_if_empty(const fs::path& out) {
  std::error_code ignored;
  if (!fs::is_empty(out / "runs", ignored) && !ignored) return;
  for (const char* name : {"runs", kRecord, kTrialPhotos}) fs::remove(out / name, ignored);
  fs::remove(out, ignored);
}

}  // namespace

std::vector<Repeat> repeats_of(uint64_t seed, int seeds, int folds) {
  std::vector<Repeat> repeats;
  for (int s = 0; s < seeds; ++s)
    for (int f = 0; f < std::max(folds, 1); ++f) {
      Repeat repeat;
      if (seeds > 1) {
        const std::string number = std::to_string(seed + static_cast<uint64_t>(s));
        repeat = {"-seed" + number, {"--seed", number}};
      }
      if (folds > 0) {
        repeat.name += fmt::format("-fold{}", f + 1);
        repeat.words.insert(repeat.words.end(), {"--fold", fmt::format("{}/{}", f + 1, folds)});
      }
      repeats.push_back(std::move(repeat));
    }
  return repeats;
}

void check_metric(const fit::FitConfig& config, const std::string& score) {
  eval::check_score(data::open_splits(config.data, fit::split_options(config)).task, score, "--metric " + score);
}

void check(Study& study) {
  for (const Variant& variant : study.variants) {
    Configured<fit::FitConfig> config = with_words(study, variant, study.repeats.front());
    fit::check_options(config);
    if (variant.name != study.variants.front().name) continue;
    const data::Splits splits = data::open_splits(config.values.data, fit::split_options(config.values));
    eval::check_score(splits.task, study.metric, "--metric " + study.metric);
    if (splits.split_by_us && study.repeats.size() > 1)
      study.overlap = static_cast<double>(splits.val.size()) / static_cast<double>(splits.train.size());
  }
}

fs::path folder_of(const fs::path& out, const std::string& name) {
  std::string text = name;
  std::ranges::replace(text, '/', '_');
  return out / "runs" / text;
}

void train(const Configured<fit::FitConfig>& config, const fs::path& run, const fit::Listener& listener) {
  std::error_code ignored;
  if (fs::exists(run / "model.onnx", ignored)) return;
  if (fit::is_unfinished(run)) {
    Configured<fit::FitConfig> unfinished;
    unfinished.values.resume = run;
    unfinished.values.in_study = true;
    fit::fit(unfinished, listener);
  } else {
    Configured<fit::FitConfig> whole = config;
    whole.values.out = run;
    whole.values.in_study = true;
    fit::fit(whole, listener);
  }
}

std::vector<std::vector<Outcome>> train_all(const Study& study, const fs::path& out, const fit::Listener& listener) {
  const std::size_t all = study.variants.size() * study.repeats.size();
  const fit::Listener inner = all <= kFewRuns ? listener : fit::Listener{.download = listener.download};
  std::vector<std::vector<Outcome>> outcomes(study.variants.size());
  std::size_t done = 0;
  for (const Repeat& repeat : study.repeats)
    for (std::size_t i = 0; i < study.variants.size(); ++i) {
      const std::string name = study.variants[i].name + repeat.name;
      const fs::path run = folder_of(out, name);
      train(with_words(study, study.variants[i], repeat), run, inner);
      outcomes[i].push_back(read_outcome(run));
      if (listener.note)
        listener.note(fmt::format("{} of {} trained: {}, {} {:.3f}", ++done, all, name, eval::score_named(study.metric).title,
                                  value_of(outcomes[i].back(), study.metric)));
    }
  return outcomes;
}

void deploy(const fs::path& run, const fs::path& out) {
  for (const fs::directory_entry& file : fs::directory_iterator(run)) {
    if (!file.is_regular_file()) continue;
    const fs::path target = out / file.path().filename();
    std::error_code code;
    fs::remove(target, code);
    if (move_paths(file.path(), target)) continue;
    fs::create_hard_link(file.path(), target, code);
    if (code) fs::copy_file(file.path(), target);
  }
}

void in_folder(const Study& study, const fs::path& out, const std::function<void()>& work) {
  std::error_code code;
  fs::create_directories(out / "runs", code);
  if (code) throw system_error(out, "create", code.value());
  try {
    write_json(out / kRecord, {{"command", study.command}, {"options", study.options}});
    work();
  } catch (const Interrupted&) {
    remove_if_empty(out);
    if (!fs::exists(out, code)) throw;
    throw Interrupted(fmt::format("continue with: graft {} --resume {}", study.command, shell_word(out.string())));
  } catch (...) {
    remove_if_empty(out);
    throw;
  }
}

std::vector<std::string> names_of(const std::vector<Variant>& variants) {
  std::vector<std::string> names;
  for (const Variant& variant : variants) names.push_back(variant.name);
  return names;
}

}  // namespace graft::study
