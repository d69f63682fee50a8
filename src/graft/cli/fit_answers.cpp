#include "graft/cli/fit_answers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "graft/base/json.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/cli/adaptation_text.h"
#include "graft/cli/curves.h"
#include "graft/cli/models_params.h"
#include "graft/cli/terminal.h"
#include "graft/report/page.h"
#include "graft/report/report.h"

namespace graft::cli {
namespace {

using Config = Configured<fit::FitConfig>;

/// The most expensive operators of a training, as many as fill a screen.
std::string profile_table(const std::vector<train::OperatorTime>& times) {
  constexpr std::size_t kRows = 20;
  double all = 0;
  for (const train::OperatorTime& t : times) all += t.seconds;
  std::string text = fmt::format("{:<56} {:>8} {:>8} {:>6}  {}\n", "operator", "calls", "seconds", "share", "kernel");
  for (std::size_t i = 0; i < std::min(kRows, times.size()); ++i)
    text += fmt::format("{:<56} {:>8} {:>8.2f} {:>5.1f}%  {}\n", times[i].what, times[i].calls, times[i].seconds, 100 * times[i].seconds / all,
                        times[i].kernel);
  return text + fmt::format("{} operators in all, {:.2f} s\n\n", times.size(), all);
}

nlohmann::ordered_json profile_json(const std::vector<train::OperatorTime>& times) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const train::OperatorTime& t : times) list.push_back({{"operator", t.what}, {"kernel", t.kernel}, {"calls", t.calls}, {"seconds", t.seconds}});
  return list;
}

nlohmann::ordered_json to_json(const Config& config, const fit::FitResult& result, double seconds) {
  nlohmann::ordered_json classes = nlohmann::ordered_json::array();
  for (const fit::ClassCount& c : result.classes) classes.push_back({{"name", printable(c.name)}, {"train_images", c.train}, {"val_images", c.val}});
  nlohmann::ordered_json json{{"run", printable(result.run.string())},
                              {"model", printable((result.run / "model.onnx").string())},
                              {"seconds", seconds},
                              {"strategy", transfer::to_string(result.strategy)},
                              {"train_images", result.train_images},
                              {"val_images", result.val_images},
                              {"classes", classes},
                              {"unreadable", result.unreadable},
                              {"cached", result.cached ? nlohmann::ordered_json(*result.cached) : nlohmann::ordered_json()},
                              {"train_accuracy", result.train_accuracy},
                              {"precision", engine::to_string(result.precision)},
                              {"evaluation", nullptr}};
  const bool measured = !config.values.adapt.alone || result.adaptation->test;
  if (measured) json["evaluation"] = fit::evaluation_json(result.evaluation, result.leaked);
  if (result.groups) json["groups"] = eval::to_json(*result.groups);
  if (result.balanced) json["balance_groups"] = fit::to_json(*result.balanced);
  if (result.adaptation) json["adaptation"] = fit::to_json(*result.adaptation);
  if (result.unlabeled) json["unlabeled"] = fit::to_json(*result.unlabeled);
  if (result.epochs > 0) json.update({{"epochs", result.epochs}, {"kept_epoch", result.kept_epoch}});
  json.update({{"profile", profile_json(result.times)}, {"config", json_record(config)}});
  return json;
}

/// Every option that was given or chosen, and those that decide most whatever they are.
std::string options_text(const Config& config) {
  constexpr std::array kOfTheHead = {"strategy", "features", "l2", "precision"};
  constexpr std::array kOfSteps = {"strategy", "epochs", "batch", "optimizer", "lr", "schedule", "augment", "precision"};
  const auto has = [](const auto& names, const std::string& name) { return std::ranges::find(names, name) != names.end(); };
  Config copy = config;
  fit::FitConfig plain = config.values.plain();
  const std::vector<Field> fields = list_fields(copy.values), defaults = list_fields(plain);
  std::string text;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string& name = fields[i].name;
    const Source source = origin_of(config.origins, name).source;
    const bool said = source == Source::flag || source == Source::chosen || (source == Source::file && fields[i].value() != defaults[i].value());
    const bool weighty = config.values.by_steps() ? has(kOfSteps, name) : has(kOfTheHead, name);
    if ((said && !fields[i].positional && !fields[i].of_one_run) || weighty) text += wrapped(describe(fields, config.origins, name));
  }
  return text;
}

std::string before_text(const fit::BalancedGroups& balanced) {
  const eval::Interval interval = eval::wilson(balanced.accuracy_before);
  return fmt::format("without --balance-groups dfr: accuracy {:.1f} % (95 % interval {:.1f} to {:.1f} %)\n", 100 * balanced.accuracy_before.value(),
                     100 * interval.low, 100 * interval.high) +
         eval::worst_of(balanced.before);
}

/// Which of the epochs the weights are from.
std::string kept_text(const train::TrainConfig& c, const fit::FitResult& r) {
  if (r.epochs == 0 || r.adaptation) return "";  // which says it in words of its own
  std::string text = fmt::format("kept: epoch {} of {}, the last", r.kept_epoch, r.epochs);
  if (c.keeps_best())
    text = fmt::format("kept: epoch {} of {}, the best by {} on the validation photos, which makes its numbers optimistic", r.kept_epoch, r.epochs,
                       c.stop_score() == "log-loss" ? "loss" : eval::score_named(c.stop_score()).title);
  if (c.soup > 0) text = fmt::format("kept: the mean of up to {} of the best of {} epochs (--soup)", c.soup, r.epochs);
  else if (c.ema > 0) text += "; averaged over the steps (--ema)";
  else if (c.swa > 0) text += "; averaged over the last epochs (--swa)";
  if (r.epochs < c.epochs) text += fmt::format("; stopped after {} of {} epochs (--patience)", r.epochs, c.epochs);
  return wrapped(text);
}

/// What one should know about the numbers and the files before using them.
std::string remarks(const Config& config, const fit::FitResult& r) {
  const fit::FitConfig& c = config.values;
  std::string text;
  if (const double times = fit::unevenness(r.classes);
      data::one_class_each(r.task) && times >= eval::kUneven && c.training.imbalance == train::Imbalance::none)
    text += wrapped(fmt::format("the largest class has {:.1f} times the photos of the smallest: if they matter as much, --imbalance auto", times));
  if (c.precision == engine::Precision::bf16 && r.precision != engine::Precision::bf16)
    text += wrapped("bf16 was used only for training: the model runs in float32");
  if (r.precision == engine::Precision::bf16)
    text += wrapped(
        "in bf16 on this machine: other ONNX runtimes compute in float32, and probabilities differ by rounding (see graft help deploying); graft "
        "eval --precision float32 gives theirs");
  if (c.features == fit::FeatureSet::stages)
    text += wrapped("the new layer sees every stage: weights.safetensors does not fit the network of timm or torchvision; --features last does");
  return text;
}

/// What came of the photos without labels.
std::string unlabeled_text(const fit::FromUnlabeled& u) {
  const auto parts = [](const std::vector<std::size_t>& counts, std::size_t k) {
    return 100 * static_cast<double>(counts[k]) /
           static_cast<double>(std::max<std::size_t>(1, std::accumulate(counts.begin(), counts.end(), std::size_t{0})));
  };
  std::string text =
      fmt::format("\n{} photos without labels: {}\n", with_commas(static_cast<long long>(u.photos)), u.chosen > 0 ? "learned from" : "not used");
  text += wrapped(fmt::format("chosen: {} ({})", u.taken().name, u.reason));
  if (u.chosen > 0 && !u.taken().labels.empty()) {
    std::vector<std::string> shares;
    for (std::size_t k = 0; k < u.classes.size(); ++k)
      shares.push_back(fmt::format("{} {:.0f} % ({:.0f} %)", printable(u.classes[k]), parts(u.taken().labels, k), parts(u.train_images, k)));
    text += wrapped(fmt::format("pseudo-labels by class (training photos): {}", fmt::join(shares, ", ")));
  }
  if (!std::isnan(u.sure))
    text += wrapped(fmt::format("{:.0f} % of these photos get an answer with a probability of at least {:.2f}", 100 * u.sure, fit::kSureAnswer));
  for (const std::string& warning : u.warnings) text += wrapped("warning: " + warning);
  return text;
}

/// The loss of the last phase. Empty where there were no epochs.
std::string losses(const std::filesystem::path& run) {
  const std::string text = loss_curves(read_json(run / "history.json").at("phases").back());
  return text.empty() ? "" : "\n" + text;
}

/// Of a run that was adapted without photos of its source.
std::string text_of_run_alone(const Config& config, const fit::FitResult& result, double seconds) {
  std::string text = result.times.empty() ? "" : profile_table(result.times);
  text += adaptation_text(*result.adaptation);
  if (result.epochs > 0) text += losses(result.run);
  text += fmt::format("\n{:.1f} s\n", seconds) + options_text(config);
  text += fmt::format("model: {}/model.onnx, checked against training\n", printable(result.run.string()));
  return text + fmt::format("next:  graft predict {} photo.jpg\n", shell_word(result.run.string()));
}

std::string to_text(const Config& config, const fit::FitResult& result, double seconds) {
  if (config.values.adapt.alone) return text_of_run_alone(config, result, seconds);
  const fit::FitConfig& c = config.values;
  const std::string run = printable(result.run.string());
  std::string text = result.times.empty() ? "" : profile_table(result.times);
  text += fmt::format("on the {} validation photos{}\n", with_commas(static_cast<long long>(result.val_images)),
                      result.adaptation ? " of the source" : "");
  text += eval::to_table(result.evaluation);
  if (result.adaptation) text += adaptation_text(*result.adaptation);
  if (result.unlabeled) text += unlabeled_text(*result.unlabeled);
  if (result.epochs > 0) text += losses(result.run);
  if (result.leaked) text += "\n" + wrapped(fit::sentence_of(*result.leaked));
  if (result.groups) text += "\n" + eval::worst_of(*result.groups);
  if (result.balanced) text += "\n" + before_text(*result.balanced);
  text += fmt::format("\naccuracy in training {:.3f}{}; ", result.train_accuracy, result.epochs > 0 ? " in the last epoch" : "");
  if (result.cached)
    text += fmt::format("{} of {} features from the cache; ", *result.cached, result.train_images + result.val_images + result.unreadable);
  text += fmt::format("{:.1f} s\n", seconds) + options_text(config) + kept_text(c.training, result) + remarks(config, result);
  text += fmt::format("model: {}/model.onnx, checked in {} against training\n", run, engine::to_string(result.precision));
  text += wrapped(fmt::format("files: {}/predictions.csv has the answer to each validation photo, the worst first", run));
  if (c.report != fit::ReportKind::none && !c.in_study && report::has_page())
    text += fmt::format("report: {}/{}, for any browser\n", run, report::kPage);
  return text + fmt::format("next:  graft predict {} photo.jpg\n", shell_word(result.run.string()));
}

/// 95 s -> "1:35 min"; 3.1 s -> "3.1 s".
std::string duration(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<int64_t>(seconds + 0.5);
  return whole < 3600 ? fmt::format("{}:{:02} min", whole / 60, whole % 60) : fmt::format("{}:{:02} h", whole / 3600, whole / 60 % 60);
}

std::string to_text(const Previewed& p) {
  constexpr double kMB = 1e6;
  std::string text;
  if (p.name.empty()) {
    text = params_table(p.preview.network, p.preview.plan) + "\n" + options_text(p.config) + "\n";
  } else {
    text = fmt::format("{}{}\n", p.name, p.times > 1 ? fmt::format(", {} times", p.times) : "");
    text += wrapped(std::string(trim(params_sentence(p.preview.network, p.preview.plan)))) + options_text(p.config);
  }
  text += fmt::format("about {} after the features, {:.0f} MB of memory", duration(p.preview.seconds), static_cast<double>(p.preview.bytes) / kMB);
  if (p.preview.disk_bytes > 0) text += fmt::format(", {:.0f} MB on disk while it trains", static_cast<double>(p.preview.disk_bytes) / kMB);
  return text;
}

nlohmann::ordered_json to_json(const Previewed& p) {
  return {{"seconds", p.preview.seconds},
          {"step_seconds", p.preview.step_seconds},
          {"bytes", p.preview.bytes},
          {"disk_bytes", p.preview.disk_bytes},
          {"plan", params_json(p.preview.network, p.preview.plan)},
          {"config", json_record(p.config)}};
}

}  // namespace

void print_fit(const Config& config, const fit::FitResult& result, double seconds, const OutputOptions& output) {
  if (output.json) print(to_json(config, result, seconds).dump(2) + "\n");
  else report(output, to_text(config, result, seconds));
}

void print_previews(const std::vector<Previewed>& previews, const OutputOptions& output) {
  if (previews.size() == 1 && previews.front().name.empty())
    return print(output.json ? to_json(previews.front()).dump(2) + "\n" : to_text(previews.front()) + "; nothing was written\n");
  nlohmann::ordered_json json{{"seconds", 0.0}, {"trainings", nlohmann::ordered_json::array()}};
  double seconds = 0;
  std::string text;
  for (const Previewed& p : previews) {
    seconds += p.preview.seconds * static_cast<double>(p.times);
    nlohmann::ordered_json& training = json["trainings"].emplace_back(nlohmann::ordered_json{{"name", p.name}, {"times", p.times}});
    training.update(to_json(p));
    text += to_text(p) + "\n\n";
  }
  json["seconds"] = seconds;
  print(output.json ? json.dump(2) + "\n" : text + fmt::format("about {} in all; nothing was written\n", duration(seconds)));
}

}  // namespace graft::cli
