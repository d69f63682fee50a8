#include "graft/study/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "graft/base/config_paths.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/fit/prepare.h"
#include "graft/fit/run/run_folder.h"
#include "graft/fit/run/run_place.h"
#include "graft/study/page.h"
#include "graft/study/recipe.h"
#include "graft/study/take_up.h"
#include "graft/study/trainings.h"

namespace graft::study {
namespace fs = std::filesystem;
namespace {

void write_report(const fs::path& out, const std::string& name, const Report& report) {
  write_json(out / (name + ".json"), to_json(report));
  write_file(out / (name + ".md"), to_markdown(report));
}

void write_page_of(const fit::FitConfig& c) {
  if (c.report != fit::ReportKind::none) write_page(*c.out, c.threads);
}

void check_phases(const Recipe& recipe, const FitStudyConfig& c) {
  if (c.compare || c.folds || c.seeds > 1)
    throw usage_error("--recipe " + recipe.name, "has phases, which --compare, --folds and --seeds do not repeat", "omit these");
}

/// The trainings of a recipe one after another, each from the model of the one before.
Found train_phases(Study& study, const Recipe& recipe, const Origins& given, const FitStudyConfig& c, const fit::Listener& listener) {
  check_phases(recipe, c);
  check_metric(study.asked.values, c.metric);
  study.repeats = {{}};
  Found found{.run = *c.out, .report = {}};
  std::vector<Configured<fit::FitConfig>> phases;
  std::optional<fs::path> before;
  for (const Variant& phase : recipe.phases) {
    study.variants.push_back(without_given(phase, given));
    phases.push_back(configured(study.asked, study.variants.back()));
    Configured<fit::FitConfig>& config = phases.back();
    if (before) {  // brings its own network
      const fit::FitConfig plain;
      config.values.backbone = plain.backbone, config.values.weights = plain.weights, config.values.download = false;
      for (const char* name : {"backbone", "weights", "download"}) config.origins.erase(name);
      config.values.from = before;
      config.values.begin = fit::Beginning::kept;
      for (const char* name : {"from", "begin"}) config.origins.insert_or_assign(name, Origin{Source::file, "recipe " + recipe.name});
    } else {
      Configured<fit::FitConfig> copy = config;
      fit::check_options(copy);
    }
    before = folder_of(*c.out, phase.name);
  }
  in_folder(study, found.run, [&] {
    std::vector<std::vector<Outcome>> outcomes;
    for (std::size_t i = 0; i < phases.size(); ++i) {
      const fs::path run = folder_of(found.run, study.variants[i].name);
      if (listener.note) listener.note(fmt::format("phase {} of {}: {}", i + 1, phases.size(), study.variants[i].name));
      train(phases[i], run, listener);
      outcomes.push_back({read_outcome(run)});
    }
    found.report = make_report(names_of(study.variants), outcomes, c.metric, 0);
    found.deployed = phases.size() - 1;
    write_report(found.run, "comparison", found.report);
    deploy(folder_of(found.run, study.variants[*found.deployed].name), found.run);
    write_page_of(c);
  });
  return found;
}

}  // namespace

bool FitStudyConfig::is_study() const {
  if (compare || seeds > 1 || folds) return true;
  if (!recipe) return false;
  const Recipe found = find_recipe(*recipe);
  return !found.phases.empty() || !found.rows.empty();
}

Recipe apply_recipe(Configured<FitStudyConfig>& config) {
  if (!config.values.recipe) return {};
  Recipe recipe = find_recipe(*config.values.recipe);
  Configured<fit::FitConfig> options = with_recipe({config.values, config.origins}, recipe);
  static_cast<fit::FitConfig&>(config.values) = std::move(options.values);
  for (auto& [name, origin] : options.origins) config.origins.insert_or_assign(name, origin);
  return recipe;
}

namespace {

/// The trainings that are asked for, without those of a recipe's phases.
Study study_of(const Configured<FitStudyConfig>& config, const nlohmann::ordered_json& record, const Recipe& recipe, const Origins& given) {
  const FitStudyConfig& c = config.values;
  const std::string asked(c.strategy ? transfer::to_string(*c.strategy) : "auto");
  Study study{.command = "fit", .options = record, .asked = {config.values, config.origins}};
  study.metric = c.metric;
  for (const Variant& row : recipe.rows) study.variants.push_back(without_given(row, given));
  if (study.variants.empty()) study.variants.push_back({asked, {}});
  for (Variant& variant : c.compare ? parse_compared(*c.compare, recipe.rows.empty() ? asked : "") : std::vector<Variant>()) {
    if (std::ranges::find(study.variants, variant.name, &Variant::name) != study.variants.end())
      throw usage_error("--compare " + variant.name, "is a row of the recipe", "omit it, or compare it with options of its own");
    study.variants.push_back(std::move(variant));
  }
  study.repeats = repeats_of(c.seed, c.seeds, c.folds.value_or(0));
  check(study);
  return study;
}

void check_folds(const FitStudyConfig& c) {
  if (c.folds && c.fold) throw usage_error("--fold", "is one part of --folds", "give only one of them");
}

}  // namespace

std::vector<Training> trainings_of(Configured<FitStudyConfig>& config) {
  begin_or_take_up(config, "fit", {});
  const FitStudyConfig& c = config.values;
  check_folds(c);
  const Origins given = config.origins;
  const Recipe recipe = apply_recipe(config);
  std::vector<Training> trainings;
  if (!recipe.phases.empty()) {
    check_phases(recipe, c);
    for (const Variant& phase : recipe.phases)
      trainings.push_back({phase.name, 1, configured({config.values, config.origins}, without_given(phase, given))});
    return trainings;
  }
  const Study study = study_of(config, {}, recipe, given);
  for (const Variant& variant : study.variants) trainings.push_back({variant.name, study.repeats.size(), configured(study.asked, variant)});
  return trainings;
}

Found fit_study(Configured<FitStudyConfig>& config, const fit::Listener& listener) {
  begin_or_take_up(config, "fit", listener);
  const FitStudyConfig& c = config.values;
  const fs::path out = *c.out;
  check_folds(c);
  const nlohmann::ordered_json record = json_record(written_in(*c.out, config));
  const Origins given = config.origins;
  const Recipe recipe = apply_recipe(config);
  if (!recipe.phases.empty()) {
    Study study{.command = "fit", .options = record, .asked = {config.values, config.origins}};
    return train_phases(study, recipe, given, c, listener);
  }
  const Study study = study_of(config, record, recipe, given);

  Found found{.run = out, .report = {}};
  in_folder(study, out, [&] {
    found.report = make_report(names_of(study.variants), train_all(study, out, listener), study.metric, study.overlap);
    found.deployed = c.deploy == Deploy::better ? best_row(found.report) : 0;
    const Variant& winner = study.variants[*found.deployed];
    fs::path run = folder_of(out, winner.name + study.repeats.front().name);
    if (c.folds) train(configured(study.asked, winner), run = folder_of(out, winner.name), listener);
    write_report(out, "comparison", found.report);
    deploy(run, out);
    write_page_of(c);
  });
  return found;
}

Found ablate(Configured<AblateConfig>& config, const fit::Listener& listener) {
  begin_or_take_up(config, "ablate", listener);
  const AblateConfig& c = config.values;
  if (c.options.empty()) throw usage_error("--options", "missing", "for instance --options mixup,ema,sam");
  Study study{.command = "ablate", .options = json_record(written_in(*c.out, config)), .asked = {config.values, config.origins}};
  study.metric = c.metric;
  study.variants.push_back({"without", {}});
  for (const std::string& part : split(c.options, ',')) {
    const std::string option{trim(part)};
    if (std::ranges::find(study.variants, option, &Variant::name) != study.variants.end()) throw usage_error("--options " + option, "given twice");
    study.variants.push_back({option, words_of(option, "--options")});
  }
  study.repeats = repeats_of(c.seed, c.seeds, 0);
  check(study);

  Found found{.run = *c.out, .report = {}};
  in_folder(study, found.run, [&] {
    found.report = make_report(names_of(study.variants), train_all(study, found.run, listener), study.metric, study.overlap);
    write_report(found.run, "ablation", found.report);
    write_page_of(c);
  });
  return found;
}

Report compare_runs(const std::vector<fs::path>& runs, const std::string& score) {
  if (runs.size() < 2) throw usage_error("runs", "only one, expected two or more to compare", "usage: graft compare RUN RUN...");
  std::vector<std::string> names;
  std::vector<std::vector<Outcome>> outcomes;
  for (const fs::path& run : runs) {
    names.push_back(printable(run.string()));
    outcomes.push_back({read_outcome(run)});
  }
  return make_report(names, outcomes, score, 0);
}

bool is_study(const fs::path& run, std::string_view command) {
  std::error_code code;
  const fs::path file = run / kRecord;
  if (!fs::exists(file, code)) return false;
  const nlohmann::ordered_json record = read_json(file);
  return record.is_object() && record.value("command", "") == command;
}

}  // namespace graft::study
