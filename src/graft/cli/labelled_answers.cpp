#include "graft/cli/labelled_answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "graft/artifact/trained_on.h"
#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/photo_places.h"
#include "graft/doctor/print.h"
#include "graft/doctor/same_picture.h"

namespace graft::cli {
namespace {

void add_row(const std::vector<float>& from, std::size_t row, std::size_t classes, std::vector<float>& to) {
  const auto first = from.begin() + static_cast<std::ptrdiff_t>(row * classes);
  to.insert(to.end(), first, first + static_cast<std::ptrdiff_t>(classes));
}

/// What was answered, without the photos that could not be read.
void keep_readable(const data::Dataset& dataset, const artifact::Predictions& predictions, LabelledAnswers& answers) {
  const std::size_t classes = answers.card.labels.size();
  const std::vector<trust::Decision> decisions =
      trust::decide_all(answers.card.trust, answers.card.task, classes, predictions.logits, predictions.probabilities, predictions.features);
  auto bad = predictions.unreadable.begin();
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    if (bad != predictions.unreadable.end() && bad->index == i) {
      ++bad;
      continue;
    }
    add_row(predictions.logits, i, classes, answers.logits);
    add_row(predictions.probabilities, i, classes, answers.probabilities);
    add_row(predictions.features, i, predictions.features.size() / dataset.samples.size(), answers.features);
    answers.decisions.push_back(decisions[i]);
    answers.samples.push_back(dataset.samples[i]);
    answers.hashes.push_back(predictions.hashes[i]);
  }
  answers.labels = data::labels_of(answers.samples);
  answers.targets = data::targets_of(answers.card.task, answers.samples, classes);
}

/// Photos that are there under two labels, the same to the byte.
std::vector<doctor::Finding> conflicts_in(const LabelledAnswers& answers, const std::filesystem::path& root) {
  doctor::Report report{.root = root, .classes = answers.card.labels, .task = answers.card.task};
  data::Splits splits;
  splits.train = answers.samples;
  report.photos = doctor::photos_of(splits, root);
  for (std::size_t i = 0; i < report.photos.size(); ++i) report.photos[i].pixel_hash = answers.hashes[i];
  doctor::find_exact_copies(report);
  std::erase_if(report.findings, [](const doctor::Finding& finding) { return finding.kind != doctor::Kind::exact_conflict; });
  return report.findings;
}

}  // namespace

std::vector<std::string> LabelledAnswers::groups() const {
  std::vector<std::string> groups;
  for (const data::Sample& sample : samples) groups.push_back(sample.group);
  return groups;
}

std::string LabelledAnswers::measured_on() const { return part == "all" ? "all of " + data : fmt::format("the {} part of {}", part, data); }

void AskedPhotos::fields(FieldList& v) {
  v("part", part, "part of the data to use; by default val/ if there is one, else test/, else all of it", one_of({"train", "val", "test"}),
    DefaultText{"val, test or all"});
  source.label_fields(v);
  v("group-column", source.group_column,
    "column of a table that says which photos belong together, such as those of one patient or one video: intervals resample them together",
    Placeholder{"NAME"}, DefaultText{"none"});
  v("group-from-name", source.group_from_name, "photos belong together if the first group of this regular expression is the same in their file names",
    Placeholder{"REGEX"}, DefaultText{"none"});
  v("skip-unreadable", skip_unreadable, "leave out photos that cannot be read, and continue");
}

LabelledAnswers answer_labelled(const std::filesystem::path& model, const AskedPhotos& photos, const InferenceOptions& inference,
                                const OutputOptions& output) {
  artifact::SessionOptions options = inference.for_images(16);
  options.features = photos.features;
  const auto session = artifact::open_session(model, options);
  LabelledAnswers answers{.card = session->card(), .data = printable(photos.data.string())};
  if (session->precision() == engine::Precision::bf16)
    remark(output, "in bf16; other ONNX runtimes compute in float32, as --precision float32 does, and probabilities differ by rounding");
  const auto note = [&](const std::string& sentence) {
    if (photos.remarks) remark(output, sentence);
  };
  const auto trained_on = artifact::read_trained_on(model);
  const data::Dataset dataset = data::open_labelled(photos.data, answers.card.labels, {photos.part, answers.card.task, photos.source});
  answers.part = dataset.part;
  for (const std::string& sentence : dataset.notes) note(sentence);
  if (photos.check) photos.check(dataset);
  const std::vector<std::filesystem::path> paths = data::paths_of(dataset.samples);

  Progress progress("eval", paths.size(), progress_style(output), "photos");
  const artifact::Predictions predictions = session->predict(
      paths, inference.threads, [&](std::size_t n) { progress.advance(n); }, inference.tta);
  progress.finish();
  if (!predictions.unreadable.empty()) {
    const Error all = data::unreadable_error(photos.data, paths.size(), predictions.unreadable);
    if (!photos.skip_unreadable || predictions.unreadable.size() == paths.size()) throw all;
    note(all.subject() + ": " + all.fact() + "; skipped");
  }
  keep_readable(dataset, predictions, answers);
  if (trained_on) answers.trained_on = artifact::trained_on_of(answers.hashes, *trained_on);
  const std::vector<doctor::Finding> conflicts = conflicts_in(answers, data::root_of(photos.data));
  for (const doctor::Finding& conflict : conflicts) answers.under_two_classes += conflict.photos.size();
  for (const std::string& sentence : doctor::sentences_of(conflicts, [](const doctor::Finding& /*all*/) { return true; })) note(sentence);
  return answers;
}

}  // namespace graft::cli
