#include "graft/fit/run/training_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/data/augment_grid.h"
#include "graft/fit/run/unfinished.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kHeader = "epoch,train_loss,train_accuracy,val_loss,val_accuracy,lr\n";
constexpr std::size_t kPhotos = 4;  // of the picture of augmentation, each of another class
constexpr int kShownViews = 8, kPictureSide = 224;

std::string line_of(const train::EpochRecord& e) {
  return fmt::format("{},{},{},{},{},{}\n", e.epoch + 1, e.train_loss, e.train_accuracy, e.val_loss, e.val_accuracy, e.lr);
}

void append(const fs::path& file, const std::string& text) {
  errno = 0;
  std::ofstream out(file, std::ios::binary | std::ios::app);
  if (!(out << text << std::flush)) throw system_error(file, "write", errno != 0 ? errno : EIO);
}

/// Options that the user or the data decided, as far as a number of the result depends on them.
Json told_options(const Configured<FitConfig>& config) {
  Json options = Json::object();
  const Json record = json_record(config);
  FitConfig values = config.values;
  for (const Field& option : list_fields(values))
    if (const Json& value = record[option.name]["value"];
        changes_result(option) && origin_of(config.origins, option.name).source != Source::by_default && !value.is_null())
      options[option.name] = value;
  return options;
}

image::Image augmentation(const Job& job, const std::vector<data::Sample>& train) {
  const FitConfig& c = job.config.values;
  std::vector<fs::path> photos;
  for (int label = 0; label < job.classes() && photos.size() < kPhotos; ++label)
    if (const auto found = std::ranges::find_if(train, [&](const data::Sample& sample) { return data::has(sample, label); }); found != train.end())
      photos.push_back(found->path);
  data::Preprocess preprocess = job.preprocess;
  if (const Size size = preprocess.crop; size.longer() > kPictureSide) {
    const auto smaller = [&](int side) { return std::max(1, side * kPictureSide / size.longer()); };
    preprocess = data::sized(preprocess, Size(smaller(size.height), smaller(size.width)), {});
  }
  ThreadPool pool(c.threads);
  return data::augment_grid(photos, data::of(c.augment, c.augment_options), preprocess, kShownViews, c.seed, pool);
}

/// The search for the head's penalty, a step for each candidate, from the step `from` on.
void write_search(EventFile& events, const Json& phases, int64_t from) {
  for (const Json& phase : phases) {
    if (!phase.contains("cross_validation")) continue;
    int64_t step = 0;
    for (const Json& score : phase["cross_validation"]["path"]) {
      if (step >= from)
        for (const char* name : {"l2", "log_loss", "accuracy"})
          events.scalar(fmt::format("cross_validation/{}", name), step, score[name].get<double>());
      ++step;
    }
  }
}

void write_beginning(EventFile& events, const Job& job, const std::vector<data::Sample>& train, const Json& phases) {
  events.session_start(told_options(job.config));
  if (job.config.values.by_steps()) events.image("augmentation", 0, augmentation(job, train));
  write_search(events, phases, 0);
}

}  // namespace

std::string history_csv(const Json& epochs) {
  std::string csv(kHeader);
  for (const Json& e : epochs)
    csv += line_of({e["epoch"].get<int>() - 1, e["train_loss"], e["train_accuracy"], e["val_loss"], e["val_accuracy"], e["lr"]});
  return csv;
}

TrainingLog::TrainingLog(const Job& job, const std::vector<data::Sample>& train, const Json& phases)
    : csv_(checkpoint_folder(*job.config.values.out) / "history.csv"), phases_(phases) {
  if (!job.config.values.tensorboard) return;
  const fs::path folder = *job.config.values.out / "tensorboard";
  begun_before_ = fs::exists(folder);
  events_.emplace(folder);
  if (!begun_before_) write_beginning(*events_, job, train, phases);
}

void TrainingLog::go_on_from(int epoch) {
  std::string kept(kHeader);
  if (fs::exists(csv_)) {
    const std::vector<std::byte> bytes = read_file(csv_);
    for (const std::string& line : split(as_text(bytes), '\n')) {
      int number = 0;
      const bool whole = std::ranges::count(line, ',') == 5 && std::from_chars(line.data(), line.data() + line.size(), number).ec == std::errc{};
      if (whole && number <= epoch) kept += line + "\n";
    }
  }
  write_file(csv_, kept, Sync::later);
  if (!events_ || !begun_before_) return;
  events_->restart(epoch + 1);
  write_search(*events_, phases_, epoch + 1);  // which that made void, too
}

void TrainingLog::epoch(const train::EpochRecord& e) {
  if (!said_something_) go_on_from(e.epoch);
  said_something_ = true;
  append(csv_, line_of(e));
  if (!events_) return;
  const auto values = {std::pair{"train/loss", e.train_loss},
                       {"train/accuracy", e.train_accuracy},
                       {"val/loss", e.val_loss},
                       {"val/accuracy", e.val_accuracy},
                       {"lr", e.lr}};
  for (const auto& [tag, value] : values) events_->scalar(tag, e.epoch + 1, value);
  for (const auto& [name, value] : e.terms) events_->scalar("train/" + name, e.epoch + 1, value);
  for (const auto& [name, value] : e.scores) events_->scalar("val/" + name, e.epoch + 1, value);
}

void finish_events(const fs::path& folder, const fs::path& run, const Job& job, const std::vector<data::Sample>& train, const Json& phases,
                   const eval::AnyEvaluation& evaluation) {
  if (!run.empty()) fs::copy(run / "tensorboard", folder / "tensorboard", fs::copy_options::recursive);
  EventFile events(folder / "tensorboard");
  int64_t step = 0;
  if (run.empty()) {
    write_beginning(events, job, train, phases);
    events.scalar("train/accuracy", 0, phases.back()["train_accuracy"].get<double>());
    events.scalar("val/accuracy", 0, phases.back()["val_accuracy"].get<double>());
  } else {
    step = phases.back().value("kept_epoch", int64_t{0});  // 0: of an adaptation that kept the head
  }
  events.scalar("model/accuracy", step, eval::value_of(evaluation, "accuracy"));
  events.scalar("model/balanced_accuracy", step, eval::value_of(evaluation, "balanced-accuracy"));
  events.session_end();
}

}  // namespace graft::fit
