#include "graft/study/tune.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/quantity.h"
#include "graft/base/text.h"
#include "graft/data/csv.h"
#include "graft/fit/more/decide.h"
#include "graft/fit/more/trial.h"
#include "graft/study/page.h"
#include "graft/study/take_up.h"
#include "graft/study/trainings.h"

namespace graft::study {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Tuning {
  const TuneConfig& config;
  const fit::Listener& listener;
  Configured<fit::FitConfig> asked;
  std::vector<Dimension> space;
  std::vector<int> rungs;
  std::vector<std::string> pinned = {};  // what the default chose from the photos: the same for all
  std::map<std::size_t, TrialRow> rows = {};

  fs::path out() const { return *config.out; }
  void note(const std::string& sentence) const {
    if (listener.note) listener.note(sentence);
  }
  std::string options_of(std::size_t trial) const {
    return trial == 0 ? "default" : fmt::format("{}", fmt::join(draw(space, config.seed, trial), " "));
  }
};

/// What is asked for besides the trials.
Configured<fit::FitConfig> asked_of(const Configured<TuneConfig>& config) {
  Configured<fit::FitConfig> asked{config.values, config.origins};
  fit::FitConfig& c = asked.values;
  c.budget.reset();
  asked.origins.erase("budget");
  if (c.sample_weights || c.reweight_to)
    throw usage_error(c.sample_weights ? "--sample-weights" : "--reweight-to", "weights all training photos, but trials see only a part of them",
                      "omit it");
  if (c.by_group.asked())
    throw usage_error("--groups and --attributes", "describe all photos, but trials see only a part of them",
                      "give them to graft fit, together with the options found");
  if (!c.sources.empty())
    throw usage_error("--sources", "chooses the network, but a tuning is for a single one", "run graft sources first, then give --backbone");
  if (c.strategy == transfer::Kind::head && c.solver != fit::Solver::steps)
    throw usage_error("--strategy head", "solves its layer exactly: there is nothing to tune", "choose full or partial, or --solver steps");
  if (!c.strategy) {
    c.strategy = transfer::Kind::full;
    asked.origins.insert_or_assign("strategy", Origin{Source::file, "graft tune"});
  }
  return asked;
}

Configured<fit::FitConfig> config_of(const Tuning& tuning, std::size_t trial, const fs::path& run) {
  Variant variant{run.filename().string(), draw(tuning.space, tuning.config.seed, trial)};
  if (trial > 0) variant.words.insert(variant.words.begin(), tuning.pinned.begin(), tuning.pinned.end());
  return configured(tuning.asked, variant);
}

/// The trial on the photos of RUN/tuning.csv.
Configured<fit::FitConfig> on_some_photos(Configured<fit::FitConfig> config, const fs::path& out, int epochs) {
  fit::FitConfig& c = config.values;
  c.data = out / kTrialPhotos;
  c.val.reset();
  c.fold.reset();
  c.source = {};
  for (const char* name :
       {"val", "fold", "val-fraction", "label-from-name", "group-from-name", "path-column", "label-column", "split-column", "group-column"})
    config.origins.erase(name);
  c.tensorboard = c.profile = false;
  c.training.epochs = epochs;
  config.origins.insert_or_assign("epochs", Origin{Source::file, "graft tune"});
  return config;
}

struct Answers {
  std::vector<double> losses;  // of each photo by its path, at the temperature that suits the model best
  double accuracy;
};

/// From RUN/predictions.csv. The temperature makes label smoothing and MixUp comparable, whose models are less sure than they could be.
Answers answers_of(const fs::path& run) {
  const fs::path file = run / "predictions.csv";
  const std::vector<std::byte> bytes = read_file(file);
  std::vector<data::CsvRow> rows = data::parse_csv(as_text(bytes), ',', printable(file.string()));
  const std::vector<std::string> head = rows.front().fields;
  rows.erase(rows.begin());
  std::ranges::sort(rows, {}, [](const data::CsvRow& row) { return row.fields[0]; });
  const auto column = static_cast<std::size_t>(std::ranges::find(head, "loss") - head.begin());
  Answers answers{{}, 0};
  std::vector<float> logits;
  std::vector<int> labels;
  for (const data::CsvRow& row : rows) {
    answers.losses.push_back(std::stod(row.fields[column]));
    answers.accuracy += row.fields[1] == row.fields[2] ? 1 / static_cast<double>(rows.size()) : 0;
    for (std::size_t k = column + 1; k < head.size(); ++k) {
      logits.push_back(std::log(std::max(std::stof(row.fields[k]), 1e-7F)));
      if (head[k] == "probability of " + row.fields[1]) labels.push_back(static_cast<int>(k - column - 1));
    }
  }
  if (std::ranges::find(head, "probability") == head.end() || labels.size() != rows.size()) return answers;  // photos of several classes
  const std::vector<float> scaled = fit::at_best_temperature(logits, labels);
  const std::size_t classes = scaled.size() / rows.size();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < classes; ++k) sum += std::exp(static_cast<double>(scaled[i * classes + k]));
    answers.losses[i] = std::log(sum) - static_cast<double>(scaled[i * classes + static_cast<std::size_t>(labels[i])]);
  }
  return answers;
}

/// Trains it unless it is; of its files those that tell stay, for a hundred models would fill a disk.
Judged try_out(Tuning& tuning, std::size_t trial, int epochs) {
  const fs::path run = folder_of(tuning.out(), fmt::format("trial{}-{}epochs", trial, epochs));
  TrialRow row{.trial = trial, .options = tuning.options_of(trial), .epochs = epochs, .log_loss = INFINITY, .accuracy = 0, .to_default = {0, 0}};
  Judged judged{trial, {}};
  std::error_code code;
  try {
    if (!fs::exists(run / "predictions.csv", code)) {
      const fit::Listener quiet{.download = tuning.listener.download};
      train(on_some_photos(config_of(tuning, trial, run), tuning.out(), epochs), run, quiet);
      for (const char* heavy : {"model.onnx", "weights.safetensors"}) fs::remove(run / heavy, code);
    }
    Answers answers = answers_of(run);
    for (const double loss : answers.losses)
      row.log_loss = (std::isinf(row.log_loss) ? 0 : row.log_loss) + loss / static_cast<double>(answers.losses.size());
    row.accuracy = answers.accuracy;
    judged.losses = std::move(answers.losses);
    tuning.note(fmt::format("trial {}, {} epoch{}: log loss {:.4f}, accuracy {:.3f}: {}", trial, epochs, epochs == 1 ? "" : "s", row.log_loss,
                            row.accuracy, row.options));
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::usage || trial == 0) throw;
    row.failed = e.subject() + ": " + e.fact();  // a loss that is no number, at too high a rate
    tuning.note(fmt::format("trial {} failed: {}: {}", trial, row.failed, row.options));
  }
  tuning.rows.insert_or_assign(trial, std::move(row));
  return judged;
}

/// What the default chose from the photos, for the others.
std::vector<std::string> chosen_by(const fs::path& run) {
  Configured<fit::FitConfig> config;
  apply_toml(config, run / "config.toml");
  std::vector<std::string> words;
  for (const char* name : {"resize", "flip", "vertical-flip", "precision"}) {
    const std::vector<Field> fields = list_fields(config.values);
    const std::string value = text_of(find_field(fields, name)->value());
    if (value != "auto") words.push_back(fmt::format("--{}={}", name, value));
  }
  return words;
}

/// Trials that are expected to fit, the final trainings included: at least 2, else Error (usage). `first`: seconds of the default's first rung.
std::size_t trials_within(const Tuning& tuning, double passed, double first) {
  const auto budget = fit::budget_of(tuning.config);
  const auto most = static_cast<std::size_t>(tuning.config.trials);
  if (!budget) return most;
  const double epoch = first / tuning.rungs.front();
  const auto needed = [&](std::size_t trials) {
    const std::vector<std::size_t> counts = counts_of(trials, tuning.rungs.size());
    double seconds = passed - first + 2 * tuning.rungs.back() * epoch * 4 / 3;
    for (std::size_t r = 0; r < counts.size(); ++r) seconds += static_cast<double>(counts[r]) * tuning.rungs[r] * epoch;
    return seconds;
  };
  std::size_t trials = most;
  while (trials > 2 && needed(trials) > *budget) --trials;
  if (needed(trials) > *budget)
    throw usage_error(
        "--budget " + *tuning.config.budget,
        fmt::format("is too short: an epoch takes about {}, a tuning with two trials about {}", duration_text(epoch), duration_text(needed(2))),
        "allow that much, or choose fewer --epochs");
  return trials;
}

/// RUN/plan.json, which is made where it is not there.
std::size_t planned(Tuning& tuning, Clock::time_point start) {
  const fs::path file = tuning.out() / "plan.json", first_run = folder_of(tuning.out(), fmt::format("trial0-{}epochs", tuning.rungs.front()));
  std::error_code code;
  const Clock::time_point before = Clock::now();
  try_out(tuning, 0, tuning.rungs.front());
  tuning.pinned = chosen_by(first_run);
  if (fs::exists(file, code)) return read_json(file).at("trials").get<std::size_t>();
  try {
    const std::size_t trials = trials_within(tuning, since(start), since(before));
    write_json(file, {{"trials", trials}, {"epochs", tuning.rungs}});
    return trials;
  } catch (const Error&) {
    fs::remove_all(first_run, code);
    throw;
  }
}

/// Up all rungs; the judgements of the last.
std::vector<Judged> race(Tuning& tuning, std::size_t trials) {
  const std::vector<std::size_t> counts = counts_of(trials, tuning.rungs.size());
  std::vector<std::size_t> left(trials);
  for (std::size_t i = 0; i < trials; ++i) left[i] = i;
  std::vector<Judged> rung;
  for (std::size_t r = 0; r < tuning.rungs.size(); ++r) {
    rung.clear();
    for (const std::size_t trial : left) rung.push_back(try_out(tuning, trial, tuning.rungs[r]));
    for (const Judged& judged : rung)
      if (!judged.losses.empty()) tuning.rows.at(judged.trial).to_default = eval::difference_of(judged.losses, rung.front().losses);
    if (r + 1 < tuning.rungs.size()) left = promoted(rung, counts[r + 1]);
  }
  return rung;
}

void compare_with_default(Tuning& tuning, Tuned& tuned) {
  const fs::path out = tuning.out();
  std::vector<std::string> names{"default"};
  if (tuned.best != 0) names.insert(names.begin(), "tuned");
  std::vector<std::vector<Outcome>> outcomes;
  for (const std::string& name : names) {
    const fs::path run = folder_of(out, name);
    tuning.note(fmt::format("training on all training photos: {}", tuning.options_of(name == "tuned" ? tuned.best : 0)));
    train(config_of(tuning, name == "tuned" ? tuned.best : 0, run), run, {.watch = tuning.listener.watch});
    outcomes.push_back({read_outcome(run)});
  }
  tuned.found.report = make_report(names, outcomes, tuning.config.metric, 0);
  tuned.found.deployed = best_row(tuned.found.report);
  write_json(out / "comparison.json", to_json(tuned.found.report));
  write_file(out / "comparison.md", to_markdown(tuned.found.report));
  deploy(folder_of(out, names[*tuned.found.deployed]), out);
}

}  // namespace

Tuned tune(Configured<TuneConfig>& config, const fit::Listener& listener) {
  const Clock::time_point start = Clock::now();
  begin_or_take_up(config, "tune", listener);
  const TuneConfig& c = config.values;
  fit::budget_of(c);
  Study study{.command = "tune", .options = json_record(written_in(*c.out, config)), .asked = asked_of(config)};
  Tuning tuning{.config = c,
                .listener = listener,
                .asked = study.asked,
                .space = open_dimensions(parse_space(c.space), config.origins),
                .rungs = rungs_of(c.training.epochs)};
  study.metric = c.metric;
  study.variants.push_back({"default", {}});
  study.repeats.emplace_back();
  check(study);
  const std::string photos = photos_of_trials(c, *c.out);
  Tuned tuned{.found = {.run = *c.out, .report = {}}, .rows = {}, .judged_on = 0, .best = 0};
  in_folder(study, *c.out, [&] {
    const fs::path table = *c.out / kTrialPhotos;
    std::error_code code;
    if (fs::exists(table, code)) check_photos(std::string(as_text(read_file(table))), photos, *c.out);
    else write_file(table, photos);
    const std::size_t trials = planned(tuning, start);
    const std::vector<Judged> last = race(tuning, trials);
    tuned.best = best_trial(last);
    tuned.judged_on = last.front().losses.size();
    for (const auto& [trial, row] : tuning.rows) tuned.rows.push_back(row);
    std::ranges::stable_sort(
        tuned.rows, [](const TrialRow& a, const TrialRow& b) { return a.epochs != b.epochs ? a.epochs > b.epochs : a.log_loss < b.log_loss; });
    write_json(*c.out / "tuning.json", to_json(tuned));
    compare_with_default(tuning, tuned);
    if (c.report != fit::ReportKind::none) write_page(*c.out, c.threads);
  });
  return tuned;
}

}  // namespace graft::study
