#include "graft/cli/compare_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/paths.h"
#include "graft/base/text.h"
#include "graft/cli/terminal.h"
#include "graft/data/task_labels.h"
#include "graft/eval/aligned.h"
#include "graft/eval/difference.h"
#include "graft/eval/paired.h"

namespace graft::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShown = 10;  // photos, on a terminal

/// A model and what it answers to the photos that both could read, in the order of the first one's classes.
struct Side {
  std::string name;
  LabelledAnswers answers;
  std::vector<bool> right;
  std::vector<std::string> said;
  std::vector<double> losses;
};

void check_classes(const std::string& first, const artifact::ModelCard& a, const std::string& second, const artifact::ModelCard& b) {
  if (a.task != b.task)
    throw data_error(second, fmt::format("is for {} photos, {} for {} ones", data::name_of(b.task), first, data::name_of(a.task)),
                     "compare models of the same kind");
  const auto missing = [](const std::vector<std::string>& from, const std::vector<std::string>& in) {
    std::vector<std::string> names;
    for (const std::string& name : from)
      if (std::ranges::find(in, name) == in.end()) names.push_back(printable(name));
    return names;
  };
  const std::vector<std::string> lacks = missing(a.labels, b.labels), more = missing(b.labels, a.labels);
  if (lacks.empty() && more.empty()) return;
  throw data_error(second,
                   fmt::format("has different classes from {}:{}{}{}", first, lacks.empty() ? "" : " it lacks " + first_few(lacks),
                               lacks.empty() || more.empty() ? "" : ", and", more.empty() ? "" : " it has " + first_few(more) + " besides"),
                   "compare models of the same classes");
}

/// The rows of these samples, their columns in the order of `names`.
std::vector<float> rows_of(const LabelledAnswers& answers, const std::vector<std::size_t>& samples, const std::vector<std::string>& names) {
  const std::size_t classes = names.size();
  std::vector<float> rows;
  std::vector<std::size_t> columns;
  for (const std::string& name : names)
    columns.push_back(static_cast<std::size_t>(std::ranges::find(answers.card.labels, name) - answers.card.labels.begin()));
  for (const std::size_t i : samples)
    for (const std::size_t column : columns) rows.push_back(answers.probabilities[i * classes + column]);
  return rows;
}

/// The photos of one that the other has, too: one may read what the other cannot.
std::vector<std::size_t> shared(const LabelledAnswers& of, const LabelledAnswers& other) {
  std::map<std::filesystem::path, bool> there;
  for (const data::Sample& sample : other.samples) there[sample.path] = true;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < of.samples.size(); ++i)
    if (there.contains(of.samples[i].path)) rows.push_back(i);
  return rows;
}

/// By the label's names: the numbers of two models' classes may differ.
void order_by_path(std::vector<std::size_t>& rows, const LabelledAnswers& answers) {
  std::ranges::sort(rows, {}, [&](std::size_t i) { return answers.samples[i].path; });
}

std::string said_of(data::SingleLabel /*task*/, std::span<const float> row, const std::vector<std::string>& names) {
  return names[static_cast<std::size_t>(eval::top_k(row, 1).front().label)];
}

std::string said_of(data::MultiLabel /*task*/, std::span<const float> row, const std::vector<std::string>& names) {
  return data::joined_names(eval::above_threshold(row), names);
}

/// `model`: whose classes number the labels; its rows and samples are those of `to` from now on.
void take_rows(Side& side, const std::vector<std::size_t>& rows, const artifact::ModelCard& card, const std::vector<data::Sample>& samples) {
  LabelledAnswers& a = side.answers;
  a.probabilities = rows_of(a, rows, card.labels);
  a.card.labels = card.labels;
  a.samples = samples;
  a.labels = data::labels_of(samples);
  a.targets = data::targets_of(card.task, samples, card.labels.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto row = std::span(a.probabilities).subspan(i * card.labels.size(), card.labels.size());
    side.said.push_back(std::visit([&](const auto& task) { return said_of(task, row, card.labels); }, card.task));
    side.right.push_back(side.said.back() == data::joined_names(data::labels_on(samples[i]), card.labels));
    side.losses.push_back(eval::log_loss_of(a.truth(), i, row));
  }
}

/// Photos to which they say different things; first those that one has right, each by how far their losses are apart.
std::vector<std::size_t> differing(const Side& a, const Side& b) {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < a.said.size(); ++i)
    if (a.said[i] != b.said[i]) rows.push_back(i);
  std::ranges::stable_sort(rows, std::greater(),
                           [&](std::size_t i) { return std::pair(a.right[i] != b.right[i], std::abs(a.losses[i] - b.losses[i])); });
  return rows;
}

struct Found {
  eval::Paired paired;
  eval::ScoreDifference accuracy, metric;
  std::vector<std::size_t> differ;
};

std::string of(double value) { return std::isnan(value) ? "-" : fmt::format("{:.3f}", value); }

std::string line(std::string_view title, const eval::ScoreDifference& d) {
  return fmt::format("{}: {} and {}, difference {}{}\n", title, of(d.first), of(d.second),
                     std::isnan(d.difference) ? "-" : fmt::format("{:+.3f}", d.difference),
                     d.interval ? fmt::format(" ({:+.3f} to {:+.3f})", d.interval->low, d.interval->high)
                                : std::string(" (no interval: undefined, or the same in every sample)"));
}

std::string trained_on(const Side& side) {
  const auto& n = side.answers.trained_on;
  if (!n) return fmt::format("whether {} was trained on some of them is not known\n", side.name);
  return *n == 0 ? "" : fmt::format("{} was trained on {} of them, which makes it optimistic\n", side.name, *n);
}

std::string to_text(const Side& a, const Side& b, const Found& found, std::string_view metric) {
  const data::Task& task = a.answers.card.task;
  const std::vector<data::Sample>& samples = a.answers.samples;
  std::string text =
      fmt::format("{}, {} photos\n", a.answers.measured_on(), with_commas(static_cast<long long>(samples.size()))) + trained_on(a) + trained_on(b);
  text += fmt::format("1: {}\n2: {}\n\n", a.name, b.name);
  text += line("accuracy", found.accuracy);
  if (metric != "accuracy") text += line(eval::score_named(metric).title, found.metric);
  text += wrapped(fmt::format("{} right by 1 alone, {} by 2 alone: p {} (McNemar's exact test{}), {}", with_commas(found.paired.only_first),
                              with_commas(found.paired.only_second), found.paired.p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", found.paired.p),
                              found.accuracy.drawn.starts_with("groups") ? ", which takes no account of groups: trust the interval" : "",
                              found.paired.p < 0.05 ? "they differ beyond chance" : "they do not differ beyond chance"));
  const bool grouped = found.accuracy.drawn.starts_with("groups");
  text += wrapped(fmt::format("intervals: 95 %, by the bootstrap (seed 0), {} samples of the {}{}", with_commas(found.accuracy.resamples),
                              found.accuracy.drawn, grouped ? "" : "; of accuracy 10,000 of the photos and of one more that either alone has right"));
  if (found.differ.empty()) return text + "\ntheir answers are the same for every photo\n";
  std::vector<std::vector<std::string>> rows{{"photo", data::one_class_each(task) ? "true" : "classes", "1 says", "2 says"}};
  for (const std::size_t i : std::span(found.differ).first(std::min(kShown, found.differ.size())))
    rows.push_back({printable(samples[i].path.string()), printable(data::joined_names(data::labels_on(samples[i]), a.answers.card.labels)),
                    printable(a.said[i]), printable(b.said[i])});
  return text +
         fmt::format("\n{} photo{} on which their answers differ{}\n", with_commas(static_cast<long long>(found.differ.size())),
                     found.differ.size() == 1 ? "" : "s",
                     found.differ.size() > kShown ? fmt::format(", {} of them (--csv FILE has all)", kShown) : "") +
         eval::aligned(rows, 4);
}

Json json_of(const eval::ScoreDifference& d) {
  const auto number = [](double value) { return std::isnan(value) ? Json() : Json(value); };
  return {{"first", number(d.first)},
          {"second", number(d.second)},
          {"difference", number(d.difference)},
          {"interval", d.interval ? Json{d.interval->low, d.interval->high} : Json()}};
}

std::string to_json(const Side& a, const Side& b, const Found& found, const std::string& metric) {
  const auto known = [](const std::optional<std::size_t>& n) { return n ? Json(*n) : Json(); };
  Json json{{"data", a.answers.data},
            {"part", a.answers.part},
            {"images", a.answers.samples.size()},
            {"runs", {a.name, b.name}},
            {"trained_on", {known(a.answers.trained_on), known(b.answers.trained_on)}},
            {"only_first", found.paired.only_first},
            {"only_second", found.paired.only_second},
            {"p", found.paired.p},
            {"metric", metric},
            {"accuracy", json_of(found.accuracy)}};
  if (metric != "accuracy") json["score"] = json_of(found.metric);
  json["bootstrap"] = {{"resamples", found.accuracy.resamples}, {"seed", 0}, {"drawn", found.accuracy.drawn}};
  json["differ"] = Json::array();
  for (const std::size_t i : found.differ)
    json["differ"].push_back({{"path", printable(a.answers.samples[i].path.string())},
                              {"label", printable(data::joined_names(data::labels_on(a.answers.samples[i]), a.answers.card.labels))},
                              {"first", printable(a.said[i])},
                              {"second", printable(b.said[i])}});
  return json.dump(2) + "\n";
}

std::string to_csv(const Side& a, const Side& b, const Found& found, const std::filesystem::path& folder) {
  const PathsIn here(folder);
  std::string csv = "path,label,first,second,first_loss,second_loss\n";
  for (const std::size_t i : found.differ)
    csv += fmt::format("{},{},{},{},{:.6f},{:.6f}\n", csv_field(printable(here.name_of(a.answers.samples[i].path).string())),
                       csv_field(data::joined_names(data::labels_on(a.answers.samples[i]), a.answers.card.labels)), csv_field(a.said[i]),
                       csv_field(b.said[i]), a.losses[i], b.losses[i]);
  return csv;
}

}  // namespace

void compare_on_data(const CompareOnData& asked) {
  Side a{.name = printable(asked.first.string())}, b{.name = printable(asked.second.string())};
  const artifact::ModelCard card = artifact::load_card(asked.first);
  check_classes(a.name, card, b.name, artifact::load_card(asked.second));
  eval::check_score(card.task, asked.metric, "--metric " + asked.metric);
  a.answers = answer_labelled(asked.first, asked.photos, asked.inference, asked.output);
  AskedPhotos again = asked.photos;
  again.remarks = false;
  b.answers = answer_labelled(asked.second, again, asked.inference, asked.output);
  std::vector<std::size_t> rows = shared(a.answers, b.answers), rows_of_second = shared(b.answers, a.answers);
  if (rows.empty()) throw data_error(a.answers.data, "holds no photo that both models can read");
  order_by_path(rows, a.answers);
  order_by_path(rows_of_second, b.answers);
  std::vector<data::Sample> samples;
  for (const std::size_t i : rows) samples.push_back(a.answers.samples[i]);
  take_rows(a, rows, card, samples);
  take_rows(b, rows_of_second, card, samples);

  const std::vector<std::string> groups = a.answers.groups();
  const auto difference = [&](const std::string& score) {
    return eval::difference_in(a.answers.truth(), a.answers.probabilities, b.answers.probabilities, card.labels.size(), score,
                               {.threads = asked.inference.threads, .groups = groups});
  };
  Found found{eval::compare(a.right, b.right), difference("accuracy"), {}, differing(a, b)};
  if (!found.accuracy.drawn.starts_with("groups"))
    found.accuracy.interval = found.paired.interval;  // equal answers to few photos are not taken for equal models
  if (asked.metric != "accuracy") found.metric = difference(asked.metric);
  print(asked.output.json ? to_json(a, b, found, asked.metric) : to_text(a, b, found, asked.metric));
  if (!asked.csv) return;
  write_file(*asked.csv, to_csv(a, b, found, asked.csv->parent_path()));
  remark(asked.output, fmt::format("{}: the photos on which their answers differ", printable(asked.csv->string())));
}

}  // namespace graft::cli
